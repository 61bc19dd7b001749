/** Prints what is wrong with the import of the configuration that is named; a program of its own. */

import { planImport } from "../../src/import/plan.ts";

const [source = ""] = Deno.args;
const planned = await planImport({
  source,
  output: "broker.yaml",
  store: "broker.db",
  whyNoStore: "",
  paths: [],
  acceptUnknown: false,
});
console.log(planned.ok ? "nothing is wrong" : planned.report);
