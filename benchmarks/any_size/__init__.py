"""Files of any size: memory, planning, parallel parts, and a large file counted twice."""
