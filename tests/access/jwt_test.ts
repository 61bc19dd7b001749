import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { JwtOptions } from "../../src/access/jwt.ts";
import {
  keyFolder,
  keyPair,
  NOW_SECONDS,
  openLogin,
  requestWith,
  SECRET,
  sign,
  verdict,
} from "./jwt_fixture.ts";

const ANN = { sub: "ann" };

/** A token put together by hand. */
function handMade(header: unknown, claims: unknown, signature = ""): string {
  const parts = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url")
  );
  return `${parts.join(".")}.${signature}`;
}

Deno.test("a token that the key has signed says who the client is", async () => {
  const login = await openLogin({ key: SECRET });
  assert.equal(login.name, "jwt");
  const token = await sign({ ...ANN, groups: ["home", "garden", "home"], exp: NOW_SECONDS + 100 });
  assert.deepEqual(await login.check(requestWith(token)), {
    kind: "proven",
    username: "ann",
    groups: ["home", "garden"],
    validForMs: 160_000,
  });
  assert.deepEqual(await login.check(requestWith(await sign(ANN))), {
    kind: "proven",
    username: "ann",
    groups: [],
    validForMs: undefined,
  });
});

Deno.test("every kind of key is read, as a secret, as PEM and in a key set", async () => {
  for (const algorithm of ["HS256", "HS384", "HS512"]) {
    const login = await openLogin({ key: SECRET });
    assert.equal(await verdict(login, await sign(ANN, algorithm)), "proven: ann []", algorithm);
  }
  using folder = keyFolder();
  const jwksFile = `${folder.path}/jwks.json`;
  for (const algorithm of ["RS256", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"]) {
    const { pem, jwk } = await keyPair(algorithm);
    const token = await sign(ANN, algorithm, { kid: "1" });
    assert.equal(await verdict(await openLogin({ key: pem }), token), "proven: ann []", algorithm);
    await Deno.writeTextFile(jwksFile, JSON.stringify({ keys: [{ ...jwk, kid: "1" }] }));
    assert.equal(await verdict(await openLogin({ jwksFile }), token), "proven: ann []", algorithm);
  }
});

Deno.test("a public key is not a secret, a secret is not a public key, and none is not a signature", async () => {
  const { pem, jwk } = await keyPair("RS256");
  using folder = keyFolder();
  const jwksFile = `${folder.path}/jwks.json`;
  await Deno.writeTextFile(jwksFile, JSON.stringify({ keys: [jwk] }));
  const rsa = "RS256, RS384, RS512, PS256, PS384, PS512";
  for (const options of [{ key: pem }, { jwksFile }]) {
    const login = await openLogin(options);
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk)]) {
      const forged = await sign(ANN, "HS256", {}, new TextEncoder().encode(secret));
      assert.equal(
        await verdict(login, forged),
        `refused: the token is not signed by one of ${rsa}`,
      );
    }
    for (const alg of ["none", "None", "NONE", "", "HS256", "RS1", "dir"]) {
      const forged = handMade({ alg }, ANN);
      assert.equal((await login.check(requestWith(forged))).kind, "refused", alg);
    }
  }
  const login = await openLogin({ key: SECRET });
  assert.equal(
    await verdict(login, await sign(ANN, "RS256")),
    "refused: the token is not signed by one of HS256, HS384, HS512",
  );
  assert.equal((await login.check(requestWith(handMade({ alg: "none" }, ANN)))).kind, "refused");
});

Deno.test("a key that the token brings itself counts for nothing", async () => {
  const { jwk, privateKey } = await keyPair("RS256", "attacker");
  const login = await openLogin({ key: (await keyPair("RS256")).pem });
  const headers = [{ jwk }, { jku: "http://127.0.0.1:1/" }, { x5u: "http://127.0.0.1:1/" }];
  for (const header of [...headers, { kid: "../../etc/passwd" }]) {
    const forged = await sign(ANN, "RS256", header, privateKey);
    assert.equal(await verdict(login, forged), "refused: the token's signature is wrong");
  }
  const critical = await sign(ANN, "RS256", { crit: ["b64"], b64: true });
  assert.equal((await login.check(requestWith(critical))).kind, "proven");
  const unknown = handMade({ alg: "RS256", crit: ["x"], x: 1 }, ANN, "AAAA");
  assert.equal(await verdict(login, unknown), "refused: the token demands what is not supported");
});

Deno.test("only the configured algorithms are taken", async () => {
  const login = await openLogin({ key: SECRET, algorithms: ["HS512", "RS256"] });
  assert.equal(await verdict(login, await sign(ANN, "HS512")), "proven: ann []");
  assert.equal(
    await verdict(login, await sign(ANN, "HS256")),
    "refused: the token is not signed by one of HS512",
  );
});

Deno.test("a token counts from nbf to exp, and a minute longer", async () => {
  const login = await openLogin({ key: SECRET });
  const expired = "refused: the token has expired (exp)";
  const early = "refused: the token's claim 'nbf' is not what it has to be";
  const cases: [Record<string, unknown>, string][] = [
    [{ exp: NOW_SECONDS + 1 }, "proven: ann []"],
    [{ exp: NOW_SECONDS - 59 }, "proven: ann []"],
    [{ exp: NOW_SECONDS - 60 }, expired],
    [{ exp: 0 }, expired],
    [{ exp: -1 }, expired],
    [{ nbf: NOW_SECONDS + 60 }, "proven: ann []"],
    [{ nbf: NOW_SECONDS + 61 }, early],
  ];
  for (const [claims, expected] of cases) {
    assert.equal(await verdict(login, await sign({ ...ANN, ...claims })), expected);
  }
});

Deno.test("times that are no numbers are refused", async () => {
  const login = await openLogin({ key: SECRET });
  const secret = new TextEncoder().encode(SECRET);
  const key = await crypto.subtle.importKey(
    "raw",
    secret,
    { name: "HMAC", hash: "SHA-256" },
    false,
    [
      "sign",
    ],
  );
  for (const exp of ["4102444800", null, true, [], {}]) {
    const signed = handMade({ alg: "HS256" }, { ...ANN, exp }).slice(0, -1);
    const bytes = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed));
    const token = `${signed}.${Buffer.from(bytes).toString("base64url")}`;
    assert.equal(
      await verdict(login, token),
      "refused: the token's claim 'exp' is not what it has to be",
    );
  }
});

Deno.test("issuer and audience have to be the configured ones", async () => {
  const login = await openLogin({ key: SECRET, issuer: "https://id.example", audience: "mqtt" });
  const right = { ...ANN, iss: "https://id.example", aud: "mqtt" };
  const cases: [Record<string, unknown>, string][] = [
    [right, "proven: ann []"],
    [{ ...right, aud: ["web", "mqtt"] }, "proven: ann []"],
    [{ ...right, aud: "web" }, "refused: the token's claim 'aud' is not what it has to be"],
    [{ ...ANN, iss: right.iss }, "refused: the token has no claim 'aud'"],
    [{ ...right, iss: "x" }, "refused: the token's claim 'iss' is not what it has to be"],
    [{ ...ANN, aud: "mqtt" }, "refused: the token has no claim 'iss'"],
  ];
  for (const [claims, expected] of cases) {
    assert.equal(await verdict(login, await sign(claims)), expected);
  }
});

Deno.test("the claims with name and groups can be others", async () => {
  const options: JwtOptions = {
    key: SECRET,
    usernameClaim: "preferred_username",
    groupsClaim: "realm_access.roles",
  };
  const login = await openLogin(options);
  const claims = { preferred_username: "ann", realm_access: { roles: ["a", "b"] } };
  assert.equal(await verdict(login, await sign(claims)), "proven: ann [a, b]");
  assert.equal(
    await verdict(login, await sign(ANN)),
    "refused: the token has no claim 'preferred_username'",
  );
});

Deno.test("a User Name that is sent has to be the token's", async () => {
  const login = await openLogin({ key: SECRET });
  const token = await sign(ANN);
  const other = "refused: the User Name is not the one of the token";
  assert.equal(await verdict(login, token, "ann"), "proven: ann []");
  assert.equal(await verdict(login, token, ""), "proven: ann []");
  assert.equal(await verdict(login, token, "bob"), other);
  assert.equal(await verdict(login, token, "Ann"), other);
});

Deno.test("what is no token is left to the next method", async () => {
  const login = await openLogin({ key: SECRET });
  const cases = [
    undefined,
    "",
    "secret",
    "a.b.c",
    "eyJ.b",
    "eyJ.b.c.d",
    "eyJ.b.c\n",
    "ey\u00e4.b.c",
  ];
  for (const password of cases) {
    assert.equal(await verdict(login, password), "unknown: the password is no JSON Web Token");
  }
});

Deno.test("no damaged token is believed, and none of it is in the cause", async () => {
  const { privateKey, pem } = await keyPair("ES256");
  const logins = [await openLogin({ key: SECRET }), await openLogin({ key: pem })];
  const tokens = [
    await sign({ ...ANN, groups: ["home"] }),
    await sign({ ...ANN, groups: ["home"] }, "ES256", {}, privateKey),
  ];
  const damage = fc.record({
    which: fc.nat(1),
    at: fc.nat(),
    to: fc.stringMatching(/^[\w.-]{0,2}$/),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ which, at, to }) => {
      const token = tokens[which] ?? "";
      // The last letter of a signature has bits that nobody reads.
      const index = at % (token.length - 1);
      const damaged = token.slice(0, index) + to + token.slice(index + 1);
      const login = logins[which];
      assert.ok(login);
      const answer = await login.check(requestWith(damaged));
      if (damaged === token) return;
      assert.notEqual(answer.kind, "proven");
      assert.ok(
        "cause" in answer &&
          !damaged.split(".").some((part) => part.length > 3 && answer.cause.includes(part)),
      );
    }),
    { numRuns: 300 },
  );
});

Deno.test("whatever bytes a password has, there is an answer", async () => {
  const login = await openLogin({ key: SECRET });
  const part = fc.oneof(
    fc.base64String({ maxLength: 20 }).map((text) => text.replace(/[+/=]/g, "")),
    fc.json().map((text) => Buffer.from(text).toString("base64url")),
  );
  const header = fc.record({ alg: fc.oneof(fc.constant("HS256"), fc.json()), crit: fc.json() })
    .map((value) => Buffer.from(JSON.stringify(value)).toString("base64url"));
  const token = fc.tuple(fc.oneof(header, part), part, part)
    .map((parts) => new TextEncoder().encode(parts.join(".")));
  await fc.assert(
    fc.asyncProperty(fc.oneof(token, fc.uint8Array()), async (password) => {
      const { kind } = await login.check(requestWith(password));
      assert.ok(kind === "refused" || kind === "unknown");
    }),
    { numRuns: 500 },
  );
});
