/**
 * Diagnostics of keys and values: the place, the sentence, what is allowed, the suggestion, and
 * all of them at once.
 */

import assert from "node:assert/strict";
import { parseSettings } from "../../src/config/load.ts";
import type { PathStep } from "../../src/config/path.ts";
import { positionAt } from "../../src/config/problem.ts";

/** Each problem as "line:column message | hint", in the order of the file. */
function problemsOf(text: string): string[] {
  const loaded = parseSettings("test.yaml", text);
  if (loaded.ok) return [];
  return loaded.problems.toSorted((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0)).map(
    ({ message, range, hint }) => {
      const { line, column } = positionAt(text, range?.start ?? 0);
      return `${line}:${column} ${message}${hint === undefined ? "" : ` | ${hint}`}`;
    },
  );
}

const SIZES = "a number of bytes or a number with B, kB, KiB, MB, MiB, GB, GiB";
const DURATIONS = "a number of seconds or a number with ms, s, m, h, d, w";

Deno.test("a report shows file, line and column, the line with a caret, and the hint", () => {
  const loaded = parseSettings(
    "broker.yaml",
    "limits:\n  max_packet_size: sixteen\n  max_qos: 1\n",
  );
  assert.equal(loaded.ok, false);
  if (loaded.ok) return;
  const lines = loaded.report.split("\n");
  assert.deepEqual(lines.slice(0, 3), [
    "broker.yaml:2:20: Cannot read 'limits.max_packet_size': 'sixteen' is not a size; " +
    `allowed: ${SIZES}, from 1 KiB to 256 MiB`,
    "    2 |   max_packet_size: sixteen",
    "      |                    ^^^^^^^",
  ]);
  assert.match(lines[4] ?? "", /^broker\.yaml:3:3: Cannot use 'max_qos': there is no such key in/);
  assert.deepEqual(lines.slice(5), [
    "    3 |   max_qos: 1",
    "      |   ^^^^^^^",
    "  hint: 'max_qos' belongs under 'features' or 'listeners'",
    "",
    "2 errors in broker.yaml",
    "",
  ]);
});

Deno.test("a value of another kind or out of range is refused with what is allowed", () => {
  assert.deepEqual(
    problemsOf(`
limits:
  max_packet_size: 16M
  max_connections: many
  max_sessions: 0
  connect_timeout: 10 seconds
  max_keepalive: 20h
  max_topic_levels: 1.5
features: {retain_available: yes}
sessions: {queue_overflow: drop_old}
`),
    [
      `3:20 Cannot read 'limits.max_packet_size': '16M' is not a size; allowed: ${SIZES}, ` +
      "from 1 KiB to 256 MiB | did you mean '16 MiB'?",
      "4:20 Cannot read 'limits.max_connections': 'many' is not a whole number; " +
      "allowed: a whole number from 1 to 1000000",
      "5:17 Cannot read 'limits.max_sessions': '0' is out of range; " +
      "allowed: a whole number from 1 to 10000000",
      "6:20 Cannot read 'limits.connect_timeout': '10 seconds' is not a duration; " +
      `allowed: ${DURATIONS}, from 1s to 10m | did you mean '10s'?`,
      "7:18 Cannot read 'limits.max_keepalive': '20h' is out of range; " +
      `allowed: ${DURATIONS}, from 1s to 65535s, or "never" (0 means the same)`,
      "8:21 Cannot read 'limits.max_topic_levels': '1.5' is not a whole number; " +
      "allowed: a whole number from 1 to 1000",
      "9:30 Cannot read 'features.retain_available': 'yes' is not true or false; " +
      "allowed: true, false | did you mean true?",
      "10:28 Cannot read 'sessions.queue_overflow': 'drop_old' is not one of the words allowed " +
      "here; allowed: drop_newest, drop_oldest, disconnect | did you mean 'drop_oldest'?",
    ],
  );
});

Deno.test("a value where a section belongs, and a section where a value belongs, are refused", () => {
  assert.deepEqual(
    problemsOf(
      "limits: 5\nfeatures: [a]\nsys_interval: {a: 1}\nlogging:\n  level:\nlisteners: 1883\n",
    )
      .map((problem) => problem.replace(/; allowed: .*?( \||$)/, "$1")),
    [
      "1:9 Cannot read 'limits': '5' is not a section",
      "2:11 Cannot read 'features': a list is not a section",
      "3:15 Cannot read 'sys_interval': a section is not a duration",
      "5:3 Cannot read 'logging.level': it has no value",
      "6:12 Cannot read 'listeners': '1883' is not a list | begin each item of a list with '- '",
    ],
  );
});

Deno.test("a file that is no section is refused", () => {
  for (const text of ["hello", "- a", "5"]) {
    const [problem] = problemsOf(text);
    assert.match(problem ?? "", /^1:1 Cannot read the configuration: .* is not a section; allowed/);
  }
});

Deno.test("an unknown key is refused with the nearest key, its section, or our name for it", () => {
  assert.deepEqual(
    problemsOf(`
limit: {}
max_packet_size: 1
limits.max_sessions: 4
log_dest: stderr
per_listener_settings: true
limits: {max_conections: 5, sys_interval: 3}
__proto__: 1
constructor: 2
`).map((problem) => problem.replace(/; allowed: .*?( \||$)/, "$1")),
    [
      "2:1 Cannot use 'limit': there is no such key at the top level | did you mean 'limits'?",
      "3:1 Cannot use 'max_packet_size': there is no such key at the top level | " +
      "'max_packet_size' belongs under 'limits' or 'listeners'",
      "4:1 Cannot use 'limits.max_sessions': there is no such key at the top level | " +
      "write 'limits:' and, indented in the next line, 'max_sessions:'",
      "5:1 Cannot use 'log_dest': there is no such key at the top level | " +
      "did you mean 'logging.destinations'?",
      "6:1 Cannot use 'per_listener_settings': there is no such key at the top level",
      "7:10 Cannot use 'max_conections': there is no such key in 'limits' | " +
      "did you mean 'max_connections'?",
      "7:29 Cannot use 'sys_interval': there is no such key in 'limits' | " +
      "'sys_interval' belongs to the top level",
      "8:1 Cannot use '__proto__': there is no such key at the top level",
      "9:1 Cannot use 'constructor': there is no such key at the top level",
    ],
  );
});

Deno.test("problems of list items name the item and stand at it", () => {
  assert.deepEqual(
    problemsOf(`
listeners:
  - port: 99999
  - {addres: pi, address: "pi:1883"}
  - 1883
logging:
  destinations: [stder, {file: a.log, max_size: 1}, {file: "", keep: -1}]
`).map((problem) => problem.replace(/; allowed: .*?( \||$)/, "$1")),
    [
      "3:11 Cannot read 'listeners[0].port': '99999' is out of range",
      "4:6 Cannot use 'addres': there is no such key in 'listeners[1]' | did you mean 'address'?",
      "4:27 Cannot read 'listeners[1].address': 'pi:1883' is not an address | " +
      "the port has a key of its own, 'port'",
      "5:5 Cannot read 'listeners[2]': '1883' is not a section",
      "7:18 Cannot read 'logging.destinations[0]': 'stder' is not allowed here | " +
      "did you mean 'stderr'?",
      "7:49 Cannot read 'logging.destinations[1].max_size': '1' is out of range",
      "7:60 Cannot read 'logging.destinations[2].file': '' is not a file path",
      "7:70 Cannot read 'logging.destinations[2].keep': '-1' is out of range",
    ],
  );
});

Deno.test("an empty list of listeners is refused, an empty list of destinations is not", () => {
  assert.deepEqual(problemsOf("listeners: []\nlogging: {destinations: []}\n"), [
    "1:12 Cannot read 'listeners': the list is empty; allowed: one or more",
  ]);
});

Deno.test("a value of the file is shown shortened and without its control characters", () => {
  const loaded = parseSettings("a\x1b.yaml", `sys_interval: "\\e[31m${"x".repeat(90)}"\n`);
  assert.equal(loaded.ok, false);
  if (loaded.ok) return;
  assert.match(loaded.report, /'\\x1b\[31mx{32}\.\.\.' is not a duration/);
  assert.equal(loaded.report.includes("\x1b"), false);
});

Deno.test("lineOf() gives the line of a value, or of what would hold it", () => {
  const text = `# first
listeners:
  - port: 1884

roles:
  - name: a
    allow:
      - publish a
      # comment
      - publish b
    deny: [publish c,
      publish d]
`;
  const loaded = parseSettings("/etc/x.yaml", text);
  if (!loaded.ok) assert.fail(loaded.report);
  assert.equal(loaded.file, "/etc/x.yaml");
  const lines: [PathStep[], number][] = [
    [["roles", 0, "allow", 0], 8],
    [["roles", 0, "allow", 1], 10],
    [["roles", 0, "deny", 0], 11],
    [["roles", 0, "deny", 1], 12],
    [["roles", 0, "name"], 6],
    [["roles", 0, "users"], 6],
    [["listeners", 0, "port"], 3],
    [["limits"], 2],
    [[], 2],
  ];
  assert.deepEqual(lines.map(([path]) => [path, loaded.lineOf(path)]), lines);
});

Deno.test("a key that must be there is missed at its section", () => {
  assert.deepEqual(problemsOf("users:\n  - groups: [a]\nroles: [{allow: [publish a]}]\n"), [
    "2:5 Cannot read 'users[0]': it has no 'name'; " +
    "allowed: 1 to 65535 bytes of text without control characters",
    "3:9 Cannot read 'roles[0]': it has no 'name'; " +
    "allowed: text of 1 to 200 characters without control characters",
  ]);
});

Deno.test("a list whose absence means everybody cannot be empty by accident", () => {
  const text = "roles:\n  - name: a\n    users:\n    allow:\nacl_files:\nusers:\n";
  assert.deepEqual(problemsOf(text), [
    "3:5 Cannot read 'roles[0].users': it has no value; " +
    "allowed: a list, each item 1 to 65535 bytes of text without control characters",
  ]);
});

Deno.test("a version that YAML takes for a number is the word", () => {
  const loaded = parseSettings(
    "/etc/x.yaml",
    "listeners: [{protocol_versions: [3.1, 3.1.1, 5], tls: {min_version: 1.3, certificate: c, key: k}}]",
  );
  if (!loaded.ok) assert.fail(loaded.report);
  const [listener] = loaded.settings.listeners;
  assert.deepEqual(listener?.protocolVersions, ["3.1", "3.1.1", "5"]);
  assert.equal(listener?.tls.minVersion, "1.3");
});
