"""The queue of tasks: objects in `work/`, whose S3 events start invocations."""

from processor.backoff import Backoff
from processor.domain.task import CONTENT_TYPE, Task, key_shown, parse, render
from processor.errors import TaskUnreadable
from processor.ports import ResultsBucket, Telemetry


class TaskQueue:
    """Hands work on to other invocations.

    S3 events are the only queue, so that the width is Lambda's concurrency. An event may get lost
    between the object and the function; the sweep then queues the task again.

    Args:
        results: The bucket of the tasks.
        telemetry: Is told of each.
        backoff: For calls that must be tried again.
    """

    def __init__(self, results: ResultsBucket, telemetry: Telemetry, backoff: Backoff) -> None:
        self._results = results
        self._telemetry = telemetry
        self._backoff = backoff

    def put(self, task: Task) -> None:
        """Queues a task, unless it was queued before: then its event was sent."""
        answer = self._backoff.call(
            self._results.put_if_absent, task.key, render(task), CONTENT_TYPE
        )
        if answer.created:
            self._telemetry.task_queued(task, again=False)

    def put_again(self, task: Task) -> None:
        """Queues a task whether it was queued before or not: a new version is a new event."""
        self._backoff.call(self._results.put, task.key, render(task), CONTENT_TYPE)
        self._telemetry.task_queued(task, again=True)

    def read(self, key: str) -> Task:
        """Reads a task.

        Raises:
            TaskUnreadable: The object is none.
        """
        body, _ = self._backoff.call(self._results.get, key)
        task = parse(body)
        if task is None or task.key != key:
            raise TaskUnreadable(f"{key_shown(key)} is no task")
        return task
