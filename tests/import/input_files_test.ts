/** Where paths of mosquitto.conf lead on this machine, and what is said about those that do not. */

import assert from "node:assert/strict";
import { InputFiles } from "../../src/import/input_files.ts";
import { temporaryFolder } from "../storage/fixture.ts";

Deno.test("locate() replaces the path of a container, whole names only", () => {
  const files = new InputFiles("/x/mosquitto.conf", [{ from: "/mosquitto/", to: "/here" }]);
  assert.equal(files.locate("/mosquitto/config/pw"), "/here/config/pw");
  assert.equal(files.locate("/mosquitto"), "/here");
  assert.equal(files.locate("/mosquitto2/pw"), "/mosquitto2/pw");
});

Deno.test("locate() looks for a relative path beside the configuration when it is not here", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/passwords`, "");
  const files = new InputFiles(`${folder.path}/mosquitto.conf`, []);
  assert.equal(files.locate("passwords"), `${folder.path}/passwords`);
  assert.equal(files.locate("deno.json"), `${Deno.cwd()}/deno.json`);
});

Deno.test("read() reports what is missing where it is named, and what is no text where it is", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/latin`;
  await Deno.writeFile(path, Uint8Array.of(0x61, 0xff, 0x0a));
  const files = new InputFiles("mosquitto.conf", []);
  const file = { path: "mosquitto.conf", source: "password_file /no/such\n" };
  assert.equal(await files.read("/no/such", { file, range: { start: 0, end: 13 } }), undefined);
  assert.equal(await files.read(path), undefined);
  assert.equal(files.hasProblems, true);
  const report = files.report();
  assert.match(report, /^mosquitto\.conf:1:1: Cannot open '\/no\/such': it does not exist\n/);
  assert.match(report, /hint: .*--path \/mosquitto=\.\/mosquitto\n/);
  assert.match(report, /latin:1:2: Cannot read the file: byte 0xFF is not UTF-8/);
});

Deno.test("readSecrets() says which line is no text, and quotes none", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/pw`;
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const namedAt = {
    file: { path: "mosquitto.conf", source: "password_file pw\n" },
    range: { start: 0, end: 13 },
  };
  await Deno.writeFile(path, latin1("# J\u00f6rg\nann:hash\n"));
  const files = new InputFiles("mosquitto.conf", []);
  assert.match(await files.readSecrets(path, namedAt) ?? "", /\nann:hash\n$/);
  assert.equal(files.hasProblems, false);
  await Deno.writeFile(path, latin1("ann:hash\nbob:passw\u00f6rd\n"));
  assert.equal(await files.readSecrets(path, namedAt), undefined);
  assert.match(
    files.report(),
    /^mosquitto\.conf:1:1: Cannot read '.*pw': byte 0xF6 is not UTF-8, in line 2\n/,
  );
  assert.equal(files.report().includes("passw\ufffd"), false);
});
