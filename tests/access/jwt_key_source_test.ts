import assert from "node:assert/strict";
import { REREAD_MS } from "../../src/access/jwt_key_source.ts";
import { JwtLogin } from "../../src/access/jwt.ts";
import { keyFolder, type KeyPair, keyPair, SECRET, sign, verdict, WALL_MS } from "./jwt_fixture.ts";

const ANN = { sub: "ann" };
const RIGHT = "proven: ann []";
const WRONG = "refused: the token's signature is wrong";

/** A login whose clock is moved by hand, and what it has reported. */
async function openWithClock(place: { keyFile?: string; jwksFile?: string }) {
  const clock = { nowMs: 5000 };
  const reported: string[] = [];
  const login = await JwtLogin.open({
    ...place,
    wallNow: () => WALL_MS,
    now: () => clock.nowMs,
    report: (problem) => void reported.push(problem),
  });
  return { login, clock, reported };
}

function keySet(...keys: [KeyPair, string?][]): string {
  return JSON.stringify({
    keys: keys.map(([{ jwk }, kid]) => kid === undefined ? jwk : { ...jwk, kid }),
  });
}

Deno.test("a changed key file is read again, some seconds after the last look", async () => {
  using folder = keyFolder();
  const keyFile = `${folder.path}/key.pem`;
  const [one, two] = [await keyPair("ES256", "one"), await keyPair("ES256", "two")];
  const tokens = [
    await sign(ANN, "ES256", {}, one.privateKey),
    await sign(ANN, "ES256", {}, two.privateKey),
  ];
  await Deno.writeTextFile(keyFile, one.pem);
  const { login, clock, reported } = await openWithClock({ keyFile });
  const verdicts = () => Promise.all(tokens.map((token) => verdict(login, token)));
  assert.deepEqual(await verdicts(), [RIGHT, WRONG]);
  await Deno.writeTextFile(keyFile, two.pem);
  clock.nowMs += REREAD_MS - 1;
  assert.deepEqual(await verdicts(), [RIGHT, WRONG]);
  clock.nowMs += 1;
  assert.deepEqual(await verdicts(), [WRONG, RIGHT]);
  assert.deepEqual(reported, []);
});

Deno.test("a file that has become unusable changes nothing, and is reported once", async () => {
  using folder = keyFolder();
  const jwksFile = `${folder.path}/jwks.json`;
  const pair = await keyPair("ES256");
  const token = await sign(ANN, "ES256", { kid: "a" });
  await Deno.writeTextFile(jwksFile, keySet([pair, "a"]));
  const { login, clock, reported } = await openWithClock({ jwksFile });
  const look = async (): Promise<void> => {
    clock.nowMs += REREAD_MS;
    assert.equal(await verdict(login, token), RIGHT);
  };
  await Deno.writeTextFile(jwksFile, '{"keys": [{"kty": "EC", "d": "hidden');
  await look();
  await look();
  await Deno.remove(jwksFile);
  await look();
  await Deno.writeTextFile(jwksFile, keySet([pair, "a"]));
  await look();
  await Deno.remove(jwksFile);
  await look();
  const end = "; the keys read before stay in use";
  const missing = `Cannot use '${jwksFile}': there is no such file${end}`;
  assert.deepEqual(reported, [
    `Cannot use '${jwksFile}': it is not a JSON Web Key Set: {"keys": [...]}${end}`,
    missing,
    missing,
  ]);
});

Deno.test("the key of a set is the one that the token names, or else any that fits", async () => {
  using folder = keyFolder();
  const jwksFile = `${folder.path}/jwks.json`;
  const [one, two] = [await keyPair("ES256", "one"), await keyPair("ES256", "two")];
  const rsa = await keyPair("RS256");
  await Deno.writeTextFile(jwksFile, keySet([one, "1"], [two, "2"], [rsa, "3"]));
  const { login } = await openWithClock({ jwksFile });
  const cases: [string | undefined, KeyPair["privateKey"], string][] = [
    ["1", one.privateKey, RIGHT],
    ["2", two.privateKey, RIGHT],
    ["2", one.privateKey, WRONG],
    ["9", one.privateKey, "refused: the token's key is not in the key set"],
    [undefined, two.privateKey, RIGHT],
    [undefined, (await keyPair("ES256", "attacker")).privateKey, WRONG],
  ];
  for (const [kid, key, expected] of cases) {
    const token = await sign(ANN, "ES256", kid === undefined ? {} : { kid }, key);
    assert.equal(await verdict(login, token), expected);
  }
  assert.equal(await verdict(login, await sign(ANN, "RS256")), RIGHT);
  assert.equal(
    await verdict(login, await sign({ ...ANN, exp: 1 }, "ES256", {}, two.privateKey)),
    "refused: the token has expired (exp)",
  );
});

Deno.test("a secret may stand in a file, with a line end after it", async () => {
  using folder = keyFolder();
  const keyFile = `${folder.path}/secret`;
  for (const end of ["", "\n", "\r\n"]) {
    await Deno.writeTextFile(keyFile, `${SECRET}${end}`);
    const { login } = await openWithClock({ keyFile });
    assert.equal(await verdict(login, await sign(ANN)), RIGHT);
  }
});

Deno.test("exactly one place has to have a key, and one that can be read", async () => {
  using folder = keyFolder();
  const file = `${folder.path}/key`;
  const missing = `Cannot use '${file}': there is no such file`;
  const needed = "Cannot verify tokens: one of key, key_file and jwks_file is needed";
  const cases: [Parameters<typeof JwtLogin.open>[0], string][] = [
    [{}, `${needed}, 0 are there`],
    [{ key: SECRET, keyFile: file }, `${needed}, 2 are there`],
    [{ keyFile: file }, missing],
    [{ jwksFile: file }, missing],
    [
      { key: "short" },
      "Cannot use key: a secret of 5 bytes can be guessed, at least 32 are needed",
    ],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(JwtLogin.open(options), { name: "JwtKeyError", message });
  }
  await Deno.writeFile(file, new Uint8Array(1_048_577));
  await assert.rejects(JwtLogin.open({ keyFile: file }), {
    message: `Cannot use '${file}': it has 1048577 bytes, at most 1048576 are allowed`,
  });
});
