import assert from "node:assert/strict";
import fc from "fast-check";
import type { Exchange, ExchangeStep } from "../../src/access/login_method.ts";
import { ScramUsers, type ScramUsersOptions } from "../../src/access/scram.ts";
import { formatScramVerifier, makeScramVerifier } from "../../src/access/scram_verifier.ts";
import { RFC_7677, ScramClient } from "./scram_fixture.ts";

function verifierOf(password: string, iterations = 4096): string {
  return formatScramVerifier(makeScramVerifier(password, { iterations }));
}

const ANN = verifierOf("secret");
const BOB = formatScramVerifier(
  makeScramVerifier("gr\u00fcn", { iterations: 5000, salt: new Uint8Array(20).fill(7) }),
);

function newUsers(options: ScramUsersOptions = {}): ScramUsers {
  return new ScramUsers([["ann", ANN], ["J\u00f6rg, =B", BOB]], options);
}

/** A step with its data as text. */
type Said = { kind: string; data?: string; cause?: string; username?: string | undefined };

async function say(exchange: Exchange, text: string | undefined): Promise<Said> {
  const data = text === undefined ? undefined : new TextEncoder().encode(text);
  const step: ExchangeStep = await exchange.next(data);
  if (!("data" in step) || step.data === undefined) return step as Said;
  return { ...step, data: new TextDecoder().decode(step.data) };
}

/** A whole login; what the last message led to, and whether the client believes the server. */
async function login(users: ScramUsers, client: ScramClient): Promise<[Said, boolean]> {
  const exchange = users.start({ username: undefined });
  const challenge = await say(exchange, client.first);
  assert.equal(challenge.kind, "continue", challenge.cause ?? "no cause");
  const last = await say(exchange, client.answer(challenge.data ?? ""));
  return [last, client.believes(last.data ?? "")];
}

Deno.test("the exchange of RFC 7677 section 3 goes as it is shown", async () => {
  const users = new ScramUsers([["user", RFC_7677.verifier]], {
    makeNonce: () => RFC_7677.serverNonce,
  });
  assert.equal(users.name, "SCRAM-SHA-256");
  const exchange = users.start({ username: undefined });
  assert.deepEqual(await say(exchange, RFC_7677.clientFirst), {
    kind: "continue",
    data: RFC_7677.serverFirst,
  });
  assert.deepEqual(await say(exchange, RFC_7677.clientFinal), {
    kind: "proven",
    username: "user",
    groups: [],
    data: RFC_7677.serverFinal,
  });
});

Deno.test("who knows the password is let in, as the name is configured", async () => {
  const users = newUsers();
  assert.equal(users.size, 2);
  const names: [string, string, string][] = [
    ["ann", "secret", "ann"],
    ["a\u00adnn", "secret", "ann"],
    ["J\u006f\u0308rg, =B", "gr\u00fcn", "J\u00f6rg, =B"],
  ];
  for (const [sent, password, name] of names) {
    const [last, believes] = await login(users, new ScramClient(sent, password));
    assert.deepEqual([last.kind, last.username, believes], ["proven", name, true]);
  }
  const header = new ScramClient("ann", "secret", "y,a=ann,");
  assert.equal((await login(users, header))[0].kind, "proven");
});

Deno.test("a wrong password and an unknown user fail with the last message", async () => {
  const users = newUsers();
  const cases: [string, string, string][] = [
    ["ann", "Secret", "wrong password"],
    ["ann", "gr\u00fcn", "wrong password"],
    ["ANN", "secret", "unknown user"],
    ["a\u0007", "secret", "unknown user"],
  ];
  for (const [username, password, cause] of cases) {
    assert.deepEqual(await login(users, new ScramClient(username, password)), [
      { kind: "refused", cause, username },
      false,
    ]);
  }
  assert.equal((await login(new ScramUsers([]), new ScramClient("ann", "x")))[0].kind, "refused");
});

Deno.test("an unknown user is challenged as a known one is, and each time the same", async () => {
  const secret = new Uint8Array(32).fill(1);
  const users = newUsers({ secret, makeNonce: () => "N" });
  const challengeOf = async (of: ScramUsers, name: string): Promise<string> =>
    (await say(of.start({ username: undefined }), `n,,n=${name},r=r`)).data ?? "";
  const known = await challengeOf(users, "ann");
  const shapes = new Set<string>();
  for (let number = 0; number < 40; number++) {
    const challenge = await challengeOf(users, `user${number}`);
    assert.equal(await challengeOf(users, `user${number}`), challenge);
    shapes.add(challenge.replace(/s=[^,]+/, (salt) => `s=${salt.length}`));
  }
  const shapeOfAnn = known.replace(/s=[^,]+/, (salt) => `s=${salt.length}`);
  assert.deepEqual([...shapes].sort(), [shapeOfAnn, "r=rN,s=30,i=5000"].sort());
  const other = newUsers({ makeNonce: () => "N" });
  assert.notEqual(await challengeOf(other, "user1"), await challengeOf(users, "user1"));
  assert.equal(await challengeOf(other, "ann"), known);
});

Deno.test("each exchange has a nonce of its own, which begins with the client's", async () => {
  const users = newUsers();
  const nonces = new Set<string>();
  for (let count = 0; count < 20; count++) {
    const { data = "" } = await say(users.start({ username: undefined }), "n,,n=ann,r=mine");
    const [, nonce = ""] = /^r=(mine[!-+\--~]{24}),s=/.exec(data) ?? [];
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 20);
  assert.equal(nonces.has(""), false);
});

Deno.test("what was said in one exchange is worth nothing in another, nor twice in one", async () => {
  const users = newUsers();
  const client = new ScramClient("ann", "secret");
  const exchange = users.start({ username: undefined });
  const answer = client.answer((await say(exchange, client.first)).data ?? "");
  assert.equal((await say(exchange, answer)).kind, "proven");
  assert.deepEqual(await say(exchange, answer), {
    kind: "refused",
    cause: "the client goes on where there is nothing more to say",
    username: undefined,
  });
  const again = users.start({ username: undefined });
  await say(again, client.first);
  assert.deepEqual(await say(again, answer), {
    kind: "refused",
    cause: "Cannot use the last message of SCRAM: its nonce (r=) is not the one it was given",
    username: "ann",
  });
});

Deno.test("the header that it began with is part of what is proven", async () => {
  const exchange = newUsers().start({ username: undefined });
  const { data = "" } = await say(exchange, "n,,n=ann,r=fyko+d2lbbFgONRv9qkxdawL");
  const other = new ScramClient("ann", "secret", "y,,");
  assert.deepEqual(await say(exchange, other.answer(data)), {
    kind: "refused",
    cause:
      "Cannot use the last message of SCRAM: its channel binding (c=) is not the one it began " +
      "with",
    username: "ann",
  });
});

Deno.test("an extension that is not known is part of what is proven, too", async () => {
  const exchange = newUsers().start({ username: undefined });
  const client = new ScramClient("ann", "secret");
  const answer = client.answer((await say(exchange, client.first)).data ?? "", ",x=1");
  assert.equal((await say(exchange, answer)).kind, "proven");
});

Deno.test("nobody acts as another user, nor sends another User Name", async () => {
  const users = newUsers();
  assert.deepEqual(await say(users.start({ username: undefined }), "n,a=bob,n=ann,r=x"), {
    kind: "refused",
    cause: "the client wants to act as another user (a=), which nobody may",
    username: "ann",
  });
  assert.deepEqual(await say(users.start({ username: "bob" }), "n,,n=ann,r=x"), {
    kind: "refused",
    cause: "the User Name is not the one that SCRAM is about",
    username: "ann",
  });
  for (const username of ["", "ann"]) {
    assert.equal((await say(users.start({ username }), "n,,n=ann,r=x")).kind, "continue");
  }
});

Deno.test("no data, and data that is no message, are refused", async () => {
  const users = newUsers();
  const start = "Cannot use the first message of SCRAM: it does not start with 'n,' or 'y,'";
  for (const text of [undefined, "", "secret"]) {
    const exchange = users.start({ username: undefined });
    const refused = { kind: "refused", cause: start, username: undefined };
    assert.deepEqual(await say(exchange, text), refused);
    assert.equal((await say(exchange, "n,,n=ann,r=x")).kind, "refused");
  }
  const exchange = users.start({ username: undefined });
  await say(exchange, "n,,n=ann,r=x");
  assert.deepEqual(await say(exchange, undefined), {
    kind: "refused",
    cause: "Cannot use the last message of SCRAM: it does not end with a proof (p=) of 32 bytes",
    username: "ann",
  });
});

Deno.test("verifiers and names that cannot be used are found at once", () => {
  const cases: [[string, string][], string][] = [
    [
      [["ann", "secret"]],
      "it is not of the form SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY",
    ],
    [[["a\0", ANN]], "the user name contains a character that SASLprep prohibits"],
    [
      [["J\u00f6", ANN], ["J\u006f\u0308", ANN]],
      "the user name is that of another user after SASLprep",
    ],
  ];
  for (const [users, message] of cases) {
    const name = users.at(-1)?.[0];
    assert.throws(() => new ScramUsers(users), {
      name: "ScramVerifierError",
      message: `Cannot use the SCRAM verifier of user '${name}': ${message}`,
    });
  }
});

Deno.test("no last message but the right one is taken", async () => {
  const users = newUsers();
  const change = fc.record({ at: fc.nat(), to: fc.string({ maxLength: 2 }) });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, to }) => {
      const exchange = users.start({ username: undefined });
      const client = new ScramClient("ann", "secret");
      const answer = client.answer((await say(exchange, client.first)).data ?? "");
      const index = at % answer.length;
      const changed = answer.slice(0, index) + to + answer.slice(index + 1);
      const { kind } = await say(exchange, changed);
      assert.equal(kind, changed === answer ? "proven" : "refused");
    }),
    { numRuns: 60 },
  );
});
