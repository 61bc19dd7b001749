/**
 * Mosquitto's ACL files: what each line means, and every mistake at its place. The comparison with
 * Mosquitto itself is tests/e2e/mosquitto_acl_test.ts.
 */

import assert from "node:assert/strict";
import { parseAclFile } from "../../src/config/acl_file.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import { positionAt, type Problem, renderProblems } from "../../src/config/problem.ts";
import { client } from "../access/rule_reference.ts";

/** "role: effect action filter, line" of every rule, by layer. */
function rulesOf(source: string): string[][] {
  const { layers, problems } = parseAclFile("acl", source);
  assert.deepEqual(problems, []);
  return layers.map(({ roles }) =>
    roles.flatMap(({ name, rules }) =>
      rules.map(({ effect, action, topicFilter, source: place }) =>
        `${name}: ${effect} ${action} ${topicFilter}, ${place?.line}`
      )
    )
  );
}

function places(source: string, problems: readonly Problem[]): string[] {
  return problems.map(({ message, range }) => {
    const { line, column } = positionAt(source, range?.start ?? 0);
    return `${line}:${column}: ${message}`;
  });
}

Deno.test("parseAclFile() reads every kind of line", () => {
  const source = [
    "# comment",
    "",
    "topic read hall/#",
    "user alice",
    "topic a",
    "topic write b",
    "topic readwrite with space/c",
    "pattern read sensor/%c",
    "topic deny d",
    "user bob smith",
    "topic e",
    "user alice",
    "  topic   read   f  \r",
    "topic read",
  ].join("\n");
  assert.deepEqual(rulesOf(source), [
    [
      "anonymous clients: allow subscribe hall/#, 3",
      "user 'alice': allow readwrite a, 5",
      "user 'alice': allow publish b, 6",
      "user 'alice': allow readwrite with space/c, 7",
      "user 'alice': deny readwrite d, 9",
      "user 'alice': allow subscribe f, 13",
      "user 'alice': allow readwrite read, 14",
      "user 'bob smith': allow readwrite e, 11",
    ],
    ["all patterns: allow subscribe sensor/%c, 8"],
  ]);
});

Deno.test("parseAclFile() names every mistake with its line and column", () => {
  const source = [
    "user",
    "topic",
    "topic  reed  a/b",
    "topic read a/#/b",
    "pattern write %c#",
    "topic\tread a",
    " # late comment",
    "Topic read a",
    "topic toString a",
    "topic read ok",
  ].join("\n");
  const { layers, problems } = parseAclFile("acl", source);
  assert.deepEqual(layers, []);
  const access = "it is one of read, write, readwrite, deny";
  const start = "a line starts with user, topic or pattern";
  assert.deepEqual(places(source, problems), [
    "1:1: Cannot read user: its name is missing",
    "2:1: Cannot read topic: its topic is missing",
    `3:8: Cannot read access "reed": ${access}`,
    '4:12: Cannot use "a/#/b" as a topic: "#" is not the last level',
    '5:15: Cannot use "%c#" as a topic: "#" does not stand alone in its level',
    `6:1: Cannot read "topic\tread": ${start}`,
    `7:2: Cannot read "#": ${start}`,
    `8:1: Cannot read "Topic": ${start}`,
    `9:7: Cannot read access "toString": ${access}`,
  ]);
  assert.deepEqual(problems.map(({ hint }) => hint).filter(Boolean), [
    "words are separated by spaces, not tabs",
    "a comment starts in the first column",
  ]);
  const shown = renderProblems("acl", source, problems.slice(2, 3)).split("\n");
  assert.deepEqual(shown.slice(1, 3), [
    "    3 | topic  reed  a/b",
    "      |        ^^^^",
  ]);
});

Deno.test("parseAclFile() warns of what is valid and does nothing, or more than it seems", () => {
  const source = "topic read $share/g/a\npattern read b/#\ntopic c\npattern d/%u\n";
  const { warnings } = parseAclFile("acl", source);
  assert.deepEqual(places(source, warnings), [
    "1:12: \"$share/g/a\" matches nothing: rules name the Topic Filter without '$share/NAME/'",
    '2:14: The pattern "b/#" has neither %c nor %u: it is for everybody',
  ]);
  assert.deepEqual(rulesOf(source).map((layer) => layer.length), [1, 2]);
});

Deno.test("a file without rules allows nothing", () => {
  for (const source of ["", "# nothing\n", "user alice\n"]) {
    const compiled = new RuleEngine(parseAclFile("acl", source).layers).compile(client());
    assert.equal(compiled.mayPublish("a").allowed, false);
  }
});

Deno.test("a decision by an ACL file names file and line", () => {
  const { layers } = parseAclFile("acl.txt", "user alice\ntopic deny a/#\npattern read b/%u\n");
  const compiled = new RuleEngine(layers).compile(client());
  assert.deepEqual([compiled.mayPublish("a/b").reason, compiled.mayReceive("b/alice").reason], [
    "'deny readwrite a/#' of user 'alice', acl.txt:2",
    "'allow subscribe b/%u' of all patterns, acl.txt:3",
  ]);
});
