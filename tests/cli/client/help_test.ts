import assert from "node:assert/strict";
import { clientToolHelp, clientToolManual } from "../../../src/cli/client/help.ts";
import { CLIENT_OPTIONS } from "../../../src/cli/client/options.ts";
import { parseArguments } from "../../../src/cli/client/parse_arguments.ts";
import { CLIENT_TOOLS } from "../../../src/cli/client/tools.ts";

for (const tool of CLIENT_TOOLS) {
  Deno.test(`the help of ${tool} has every option that is supported, and examples`, () => {
    const help = clientToolHelp(tool);
    const shown = [...help.matchAll(/^ {2}(-.*?)(?: <| {2})/gm)].map((found) => found[1] ?? "");
    const supported = CLIENT_OPTIONS.filter(({ tools, refused }) =>
      tools.includes(tool) && refused === undefined
    ).map(({ flags }) => flags.join(", "));
    assert.deepEqual(shown.sort(), supported.sort());
    assert.match(help, /\nExamples:\n {2}broker /);
    assert.deepEqual(help.split("\n").filter((line) => line.length > 80), []);
  });

  Deno.test(`the examples of ${tool} are right command lines`, () => {
    for (const [command] of clientToolManual(tool).examples) {
      const words = command.slice(command.indexOf(`broker ${tool} `)).split(" ").slice(2).join(" ");
      const args = [...words.matchAll(/'([^']*)'|(\S+)/g)].map((found) =>
        found[1] ?? found[2] ?? ""
      );
      assert.equal(parseArguments(tool, args, () => undefined).kind, "run", command);
    }
  });
}
