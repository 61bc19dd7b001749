/**
 * Secrets in the text of a configuration are covered wherever an error could show them.
 */

import assert from "node:assert/strict";
import { parseSettings } from "../../src/config/load.ts";
import { coverSecrets, withoutSecrets } from "../../src/config/secret_text.ts";

/** The report of a text that is wrong. */
function reportOf(text: string): string {
  const loaded = parseSettings("test.yaml", text);
  if (loaded.ok) assert.fail("the text is right");
  return loaded.report;
}

Deno.test("no report of a wrong configuration shows a secret, be the YAML right or broken", () => {
  const texts = [
    "users: [{name: ann, password: hunter2, nam: x}]\n",
    "users:\n  - name: ann\n    password: hunter2\n",
    "users:\n  - name: ann\n    password:hunter2\n",
    "authentication: {http: {url: 'http://broker:hunter2@auth/x'}}\n",
    "authentication:\n  http:\n    url: ftp://broker:hunter2@auth/x\n    urls: http://hunter2@b\n",
    "users:\n  - name: ann\n    pasword: hunter2\n",
    "users:\n  - name: ann\n    password: 'hunter2\n    hunter2'\n    scram: |\n      hunter2\n",
    'users:\n  - name: ann\n    password: "a\n hunter2"\n',
    "users:\n  - name: ann\n    password: 'a\n    hunter2\n",
    "users:\n\t- password: |\n\t    hunter2\n",
    "users: [{password: hunter2\n",
    "password: hunter2\n",
    "{password: hunter2}: 5\n",
    "listeners: [{users: {password: hunter2}}]\n",
    "authentication: {jwt: {key: hunter2, key_file: a}}\n",
    "authentication: {jwt: {key: [hunter2]}}\n",
    "authentication: {http: {authorization: Bearer hunter2}}\n",
    "jwt: {key: hunter2}\n",
    "authentication: {jwt: {key: |\n  hunter2\n  , x}}\n",
    "users:\n  - name: ann password=hunter2\n    x: 1\n",
  ];
  for (const text of texts) {
    const report = reportOf(text);
    assert.equal(report.includes("hunter2"), false, `${text}\n${report}`);
    assert.match(report, /^test\.yaml:\d+:\d+: Cannot /, text);
  }
});

Deno.test("coverSecrets() keeps length and lines", () => {
  const source = "a: 1\npassword: hunter2\nb: 'x'\nscram: |\n  one\n  two\nc: 2\n";
  const covered = coverSecrets(source, []);
  assert.equal(
    covered,
    "a: 1\npassword: *******\nb: 'x'\nscram: *\n*****\n*****\nc: 2\n",
  );
  assert.equal(covered.length, source.length);
});

Deno.test("coverSecrets() leaves names of variables, files and credentials, and other keys", () => {
  const source = "{password: !env PW, scram: 1}\nkey: server.key\npassword_file: x\n" +
    "password: !file a.txt # why\nauthorization: !credential x\n";
  assert.equal(coverSecrets(source, []), source);
});

Deno.test("coverSecrets() covers values by their place", () => {
  const source = "jwt: {key: abc}, tls: {key: abc}";
  const at = (start: number) => ({ start, end: start + 3 });
  const values = [
    { keys: ["authentication", "jwt", "key"], range: at(11) },
    { keys: ["listeners", "tls", "key"], range: at(28) },
  ];
  assert.equal(coverSecrets(source, values), "jwt: {key: ***}, tls: {key: abc}");
});

Deno.test("withoutSecrets() leaves the key and drops the rest", () => {
  assert.equal(withoutSecrets("ann password:hunter2 x"), "ann password:***");
  assert.equal(withoutSecrets("sensors/password/x"), "sensors/password/x");
  assert.equal(withoutSecrets("http://u:hunter2@auth/x?a=@"), "http://***@auth/x?a=@");
});
