import assert from "node:assert/strict";
import {
  defaultOptionsFiles,
  parseOptionsFile,
  readOptionsFile,
  splitValues,
} from "../../../src/cli/client/options_file.ts";
import { temporaryFolder } from "../../storage/fixture.ts";

Deno.test("defaultOptionsFiles() looks where Mosquitto's tools look, for our own name first", () => {
  const env = (values: Record<string, string>) => (name: string) => values[name];
  assert.deepEqual(defaultOptionsFiles("sub", env({ HOME: "/h", XDG_CONFIG_HOME: "/x" }), false), [
    "/x/broker_sub",
    "/x/mosquitto_sub",
  ]);
  assert.deepEqual(defaultOptionsFiles("rr", env({ HOME: "/h" }), false), [
    "/h/.config/broker_rr",
    "/h/.config/mosquitto_rr",
  ]);
  assert.deepEqual(defaultOptionsFiles("pub", env({}), false), []);
  assert.deepEqual(defaultOptionsFiles("pub", env({ USERPROFILE: "C:\\u" }), true), [
    "C:\\u\\broker_pub.conf",
    "C:\\u\\mosquitto_pub.conf",
  ]);
  assert.deepEqual(defaultOptionsFiles("pub", env({ HOME: "/h" }), true), []);
});

Deno.test("parseOptionsFile() reads lines with any line end, a mark at the front and comments", () => {
  assert.deepEqual(parseOptionsFile("\ufeff-h pi\r\n#-p 1\n\n  -m  two words \n-v\r\r\n-c"), [
    { number: 1, flag: "-h", rest: "pi" },
    { number: 4, flag: "-m", rest: "two words " },
    { number: 5, flag: "-v", rest: "" },
    { number: 6, flag: "-c", rest: "" },
  ]);
});

Deno.test("splitValues() leaves blanks to the last value", () => {
  assert.deepEqual(splitValues("a b", 1, "message"), ["a b"]);
  assert.deepEqual(splitValues("", 1, "message"), []);
  assert.deepEqual(splitValues("publish content-type a b", 3, "property"), [
    "publish",
    "content-type",
    "a b",
  ]);
  assert.deepEqual(splitValues("publish user-property a b c", 3, "property"), [
    "publish",
    "user-property",
    "a",
    "b c",
  ]);
  assert.deepEqual(splitValues("publish", 3, "property"), ["publish"]);
});

Deno.test("readOptionsFile() knows what is not there from what cannot be read", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/file`, "-v\n");
  assert.equal(readOptionsFile(`${folder.path}/file`), "-v\n");
  assert.equal(readOptionsFile(`${folder.path}/none`), undefined);
  assert.equal(readOptionsFile(`${folder.path}/file/below`), undefined);
  assert.throws(() => readOptionsFile(folder.path));
});
