import assert from "node:assert/strict";
import { parseArguments } from "../../../src/cli/client/parse_arguments.ts";
import type { ToolSettings } from "../../../src/cli/client/settings.ts";
import type { ClientTool } from "../../../src/cli/client/tools.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import { settingsOf } from "./tool_fixture.ts";

/** The message of a command line that is wrong. */
function fault(tool: ClientTool, ...args: string[]): string {
  try {
    parseArguments(tool, args, () => undefined);
  } catch (error) {
    if (error instanceof Error && error.name === "UsageError") return error.message;
    throw error;
  }
  return "";
}

/** With an options file of this name in the folder of `XDG_CONFIG_HOME`. */
function withFile(file: Record<string, string>, tool: ClientTool, ...args: string[]) {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(file)) {
    Deno.writeTextFileSync(`${folder.path}/${name}`, text);
  }
  const parsed = parseArguments(
    tool,
    args.map((arg) => arg.replace("FOLDER", folder.path)),
    (name) => name === "XDG_CONFIG_HOME" ? folder.path : undefined,
  );
  assert.equal(parsed.kind, "run");
  return parsed as { readonly settings: ToolSettings; readonly warnings: readonly string[] };
}

Deno.test("options may be given with '=', and in any order", () => {
  const { connection, messages } = settingsOf("pub", "--host=pi", "-m", "-x", "-t", "a", "--qos=2");
  assert.equal(connection.host, "pi");
  assert.deepEqual([messages.topics, messages.qos], [["a"], 2]);
  assert.deepEqual(messages.payload, { kind: "text", text: "-x" });
});

Deno.test("a command line that is wrong is told what is wrong and what is right", () => {
  const cases: [string, ClientTool, ...string[]][] = [
    ["unknown option '--retian' (did you mean '--retain'?)", "pub", "--retian"],
    ["unknown option '-p1' (did you mean '-p 1'?)", "pub", "-p1"],
    ["'extra' is no option: topics follow '-t', payloads '-m'", "pub", "-t", "a", "extra"],
    ["'-q' needs a value: -q <qos>", "pub", "-q"],
    ["'-D' needs 3 values: -D <packet> <property> <value>", "pub", "-D", "publish"],
    [
      "'-D' needs 4 values: -D <packet> <user-property> <name> <value>",
      ...["pub", "-D", "publish", "user-property", "a"] as const,
    ],
    ["the value of '-q' '3' is not known: allowed are 0, 1, 2", "pub", "-q", "3"],
    ["unknown option '-l'", "rr", "-l"],
    ["no topic is given: -t or -L names one", "sub"],
    ["no topic is given: -t or -L names one", "pub", "-m", "x"],
    ["no payload is given: one of -m, -f, -l, -s or -n says what it is", "pub", "-t", "a"],
    ["no response topic is given: -e names it", "rr", "-t", "a", "-m", "x"],
  ];
  for (const [message, tool, ...args] of cases) assert.equal(fault(tool, ...args), message);
  assert.match(fault("pub", "--psk", "11"), /^'--psk' is not supported: the TLS of this program/);
  assert.match(fault("pub", "--tls-engine", "x"), /^'--tls-engine' is not supported/);
});

Deno.test("--help and --version are found before anything that is wrong behind them", () => {
  assert.deepEqual(parseArguments("sub", ["--help", "--no-such"], () => undefined), {
    kind: "help",
  });
  assert.deepEqual(parseArguments("sub", ["-t", "a", "--version"], () => undefined), {
    kind: "version",
  });
});

Deno.test("an options file comes first, and the command line goes over it", () => {
  const { settings, warnings } = withFile(
    { mosquitto_pub: "-h pi\r\n# -h no\n-m a message\n-i one\n\n-D publish user-property a b c\n" },
    ...["pub", "-t", "a", "-h", "other", "-n", "-I", "two"] as const,
  );
  assert.deepEqual(warnings, []);
  assert.equal(settings.connection.host, "other");
  assert.deepEqual(settings.messages.payload, { kind: "null" });
  assert.deepEqual(
    [settings.connection.clientIdentifier, settings.connection.idPrefix],
    [undefined, "two"],
  );
  assert.deepEqual(settings.connection.properties.publish.userProperties, [["a", "b c"]]);
});

Deno.test("topics of an options file of sub are subscribed to as well", () => {
  const { settings } = withFile({ broker_sub: "-t a\n--topic=b\n" }, "sub", "-t", "c");
  assert.deepEqual(settings.messages.topics, ["a", "b", "c"]);
});

Deno.test("our own options file is read in place of Mosquitto's, and that of -o in place of both", () => {
  const files = { mosquitto_sub: "-h mosquitto", broker_sub: "-h broker", other: "-h other" };
  const host = (...args: string[]): string =>
    withFile(files, "sub", "-t", "a", ...args).settings.connection.host;
  assert.equal(host(), "broker");
  assert.equal(host("-o", "FOLDER/other"), "other");
});

Deno.test("an options file that is not there is pointed out, and gone on without", () => {
  const { warnings } = withFile({}, "sub", "-t", "a", "-o", "/no/such/file");
  assert.deepEqual(warnings, ["There is no options file '/no/such/file': going on without it"]);
});

Deno.test("what is wrong in an options file is told with its line", () => {
  const wrong = (text: string): string => {
    try {
      withFile({ broker_sub: text }, "sub", "-t", "a");
    } catch (error) {
      return (error as Error).message.replace(/^.*broker_sub/, "");
    }
    return "";
  };
  assert.equal(wrong("\n--hots pi"), ":2: unknown option '--hots' (did you mean '--host'?)");
  assert.equal(wrong("-c yes"), ":1: '-c' takes no value");
  assert.equal(wrong("--help"), ":1: '--help' is for the command line");
  assert.equal(wrong("-k"), ":1: '-k' needs a value: -k <seconds>");
  assert.throws(() => parseArguments("sub", ["-o", "a", "-o", "b"], () => undefined), {
    message: "'-o' is given twice",
  });
});
