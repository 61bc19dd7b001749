/** Lines of mosquitto.conf and its include_dir, as Mosquitto reads them. */

import assert from "node:assert/strict";
import { readConf } from "../../src/import/conf_reader.ts";
import { InputFiles } from "../../src/import/input_files.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { importConf, pick, refusalOf } from "./fixture.ts";

Deno.test("readConf() reads include_dir where it stands, with line ends of Windows", async () => {
  using folder = temporaryFolder();
  const write = (name: string, text: string) => Deno.writeTextFileSync(folder.path + name, text);
  await Deno.mkdir(`${folder.path}/conf.d`);
  write(
    "/mosquitto.conf",
    `# all\r\n\r\n  port 1\r\ninclude_dir ${folder.path}/conf.d\r\nuser a\r\n`,
  );
  write("/conf.d/b.conf", "max_qos 1");
  write("/conf.d/A.conf", "pid_file x\n   \nsys_interval 5\n");
  write("/conf.d/README", "no option");
  const files = new InputFiles(`${folder.path}/mosquitto.conf`, []);
  const entries = await readConf(`${folder.path}/mosquitto.conf`, files, false);
  assert.equal(files.hasProblems, false);
  assert.deepEqual(
    entries.map(({ name, place, value }) =>
      `${place.file.slice(folder.path.length)}:${place.line} ${name}=${value.words[0]}`
    ).map((line) => line.replace(folder.path, "DIR")),
    [
      "/mosquitto.conf:3 port=1",
      "/mosquitto.conf:4 include_dir=DIR/conf.d",
      "/conf.d/A.conf:1 pid_file=x",
      "/conf.d/A.conf:3 sys_interval=5",
      "/conf.d/b.conf:1 max_qos=1",
      "/mosquitto.conf:5 user=a",
    ],
  );
});

Deno.test("all mistakes are reported at once, each with its place and what was meant", async () => {
  const report = await refusalOf([
    "listner 1883",
    "allow_anonymous\ttrue",
    " # a comment",
    "max_qos 3",
    "persistent_client_expiration soon",
    "listener 70000",
    "listener 0",
    "topic # in",
    "plugin_opt_a b",
    "mystery 1",
  ]);
  assert.deepEqual(report.split("\n").filter((line) => /^(?:DIR| {2}hint)/.test(line)), [
    "DIR/mosquitto.conf:1:1: Cannot read 'listner': Mosquitto has no such option",
    "  hint: did you mean 'listener'?",
    "DIR/mosquitto.conf:2:1: Cannot read 'allow_anonymous': there is a tab with it",
    "  hint: words are separated by spaces, not tabs",
    "DIR/mosquitto.conf:3:2: Cannot read '#': Mosquitto has no such option",
    "  hint: a comment starts in the first column",
    "DIR/mosquitto.conf:4:9: Cannot read 'max_qos': \"3\" is not a whole number from 0 to 2",
    "DIR/mosquitto.conf:5:1: Cannot read 'persistent_client_expiration': \"soon\" is not a number " +
    "of hours, days, weeks, months or years, as in 14d",
    "DIR/mosquitto.conf:6:1: Cannot use 'listener': \"70000\" is not a port number from 0 to 65535",
    "DIR/mosquitto.conf:7:1: Cannot use 'listener': with port 0, the path of a Unix socket follows",
    "DIR/mosquitto.conf:8:1: Cannot use 'topic': there is no 'connection' before it in this file",
    "DIR/mosquitto.conf:9:1: Cannot use 'plugin_opt_a': there is no 'plugin' before it in this file",
    "DIR/mosquitto.conf:10:1: Cannot read 'mystery': Mosquitto has no such option",
    "  hint: with --allow-unsupported it is left out",
  ]);
  assert.match(report, /\n {4}1 \| listner 1883\n {6}\| \^{7}\n/);
  assert.match(report, /10 errors in DIR\/mosquitto\.conf\n$/);
});

Deno.test("an unknown option is left out, and matters, where that is allowed", async () => {
  const { outcomes } = await importConf(["mystery 1 2"], {}, { acceptUnknown: true });
  // It may be a password.
  const outcome = pick(outcomes, "mystery (not shown)");
  assert.match(outcome, /^LOST: Mosquitto 2\.1 has no such option/);
});

Deno.test("a report of mistakes quotes no password, not of a misspelt option either", async () => {
  const lines = [
    "remote_password hunter2",
    "pasword hunter2",
    "remote_password\thunter2",
    "\tpassword hunter2",
    "plugin_opt_db_pass hunter2",
    "mqtt_token hunter2",
    "bridge_psk",
  ];
  const report = await refusalOf(lines);
  assert.equal(report.includes("hunter2"), false, report);
  assert.match(report, /\n {4}1 \| remote_password \*{7}\n/);
  assert.match(report, /Cannot read 'bridge_psk': its value is missing\n/);
  assert.match(report, /7 errors/);
  const { plan } = await importConf(["mqtt_token hunter2"], {}, { acceptUnknown: true });
  assert.equal(JSON.stringify(plan).includes("hunter2"), false);
});

Deno.test("a comment need not be UTF-8, a value must", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/mosquitto.conf`;
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const read = async (text: string) => {
    await Deno.writeFile(path, latin1(text));
    const files = new InputFiles(path, []);
    const entries = await readConf(path, files, false);
    return { names: entries.map(({ name }) => name), report: files.report() };
  };
  assert.deepEqual(await read("# caf\u00e9\r\nport 1\n# \u00fc"), { names: ["port"], report: "" });
  assert.match(
    (await read("# a\npid_file /caf\u00e9\n")).report,
    /:2:15: .* is not UTF-8/,
  );
});

Deno.test("many lines are read in no more time each than a few", async () => {
  const conf = ["listener 1883", ...Array.from({ length: 30_000 }, () => "log_type error")];
  const { plan } = await importConf(conf);
  assert.equal(plan.findings.find(({ place }) => place?.line === 30_001)?.option, "log_type");
});

Deno.test("include_dir is for the main file alone, and its folder must be there", async () => {
  const inner = await refusalOf(["include_dir DIR/d"], { "d/a.conf": "include_dir DIR\n" });
  assert.match(inner, /^DIR\/d\/a\.conf:1:1: Cannot use 'include_dir' here/);
  assert.match(
    await refusalOf(["include_dir DIR/none"]),
    /^DIR\/mosquitto\.conf:1:1: Cannot read the folder 'DIR\/none'/,
  );
});
