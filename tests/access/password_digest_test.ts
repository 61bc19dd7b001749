import assert from "node:assert/strict";
import { makePasswordHash, verifyPassword } from "../../src/access/password_digest.ts";
import { NEW_FORMATS, parsePasswordHash } from "../../src/access/password_hash.ts";
import { MADE_ELSEWHERE } from "./password_fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

for (const { maker, password, hash } of MADE_ELSEWHERE) {
  Deno.test(`verifyPassword() agrees with ${maker}`, async () => {
    const parsed = parsePasswordHash(hash);
    assert.equal(await verifyPassword(bytes(password), parsed), true);
    for (const wrong of ["", `${password} `, password.toUpperCase(), `${password}${password}`]) {
      assert.equal(await verifyPassword(bytes(wrong), parsed), false);
    }
  });
}

for (const format of NEW_FORMATS) {
  Deno.test(`makePasswordHash() makes ${format} with a salt of its own`, async () => {
    // No text: a password of a CONNECT packet is bytes.
    const password = Uint8Array.of(0xff, 0xfe, 0x80);
    const hashes = [await makePasswordHash(password, format)];
    hashes.push(await makePasswordHash(password, format));
    assert.notEqual(hashes[0], hashes[1]);
    for (const hash of hashes) {
      const parsed = parsePasswordHash(hash);
      assert.equal(parsed.format, format);
      assert.equal(await verifyPassword(password, parsed), true);
      assert.equal(await verifyPassword(Uint8Array.of(0xff, 0xfe), parsed), false);
    }
  });
}

Deno.test("new hashes have the costs that OWASP recommends", async () => {
  const [argon2id, pbkdf2] = await Promise.all(
    NEW_FORMATS.map((format) => makePasswordHash(bytes("secret"), format)),
  );
  assert.match(argon2id ?? "", /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.match(pbkdf2 ?? "", /^\$7\$210000\$[\w+/]{16}\$[\w+/]{86}==$/);
});
