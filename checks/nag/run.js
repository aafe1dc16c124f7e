// Runs three cdk-nag packs over CloudFormation templates, and reports every evaluation.
//
// Usage: node run.js DEPLOYMENT.json ... > report.json
//
// cdk-nag's own report holds the violations that nobody acknowledged. This one holds what is judged
// well too, so that the rules can be counted that found something to judge; suppressions are matched
// by the caller, so that one which hides nothing is seen. A rule that throws is reported as "Error".
"use strict";

const { App, Stack } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const nag = require("cdk-nag");

const PACKS = [nag.AwsSolutionsChecks, nag.NIST80053R5Checks, nag.PCIDSS321Checks];

/** The pack, with each evaluation written down instead of turned into a violation. */
function recording(Pack, evaluations) {
  return new (class extends Pack {
    applyRule({ ruleSuffixOverride, rule, node, info }) {
      const evaluation = {
        pack: this.packName,
        rule: `${this.packName}-${ruleSuffixOverride ?? rule.name}`,
        resource: node.stack.resolve(node.logicalId),
        info,
      };
      try {
        evaluation.result = rule(node);
      } catch (error) {
        evaluation.result = "Error";
        evaluation.info = error.message;
      }
      evaluations.push(evaluation);
    }
  })();
}

function evaluate(templateFile) {
  const app = new App({ analyticsReporting: false });
  new CfnInclude(new Stack(app, "Deployment"), "Template", { templateFile });
  const evaluations = [];
  for (const Pack of PACKS) {
    recording(Pack, evaluations).validateScope(app);
  }
  return evaluations.filter(({ result }) => result !== nag.NagRuleCompliance.NOT_APPLICABLE);
}

process.stdout.write(JSON.stringify(process.argv.slice(2).map(evaluate)));
