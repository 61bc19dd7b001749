import assert from "node:assert/strict";
import fc from "fast-check";
import { readAnswer } from "../../src/access/webhook_answer.ts";

function answerTo(body: unknown, status = 200, username: string | undefined = "ann") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return readAnswer({ status, body: new TextEncoder().encode(text) }, username);
}

const CANNOT = "Cannot ask the webhook: ";

Deno.test("an allowed client has the name it sent, or the one it is given", () => {
  assert.deepEqual(answerTo({ result: "allow" }), { kind: "proven", username: "ann", groups: [] });
  const full = { result: "allow", username: "bob", groups: ["a", "b", "a"], expires_in: 1.5, x: 1 };
  assert.deepEqual(answerTo(full), {
    kind: "proven",
    username: "bob",
    groups: ["a", "b"],
    validForMs: 1500,
  });
});

Deno.test("deny and ignore are what they say, whatever else is there", () => {
  assert.deepEqual(answerTo({ result: "deny", username: 7, groups: 7 }), {
    kind: "refused",
    cause: "the webhook denied it",
  });
  assert.deepEqual(answerTo({ result: "ignore" }), {
    kind: "unknown",
    cause: "the webhook does not know the client",
  });
});

Deno.test("a status from 400 to 499 denies, but where it is not about the client", () => {
  for (const status of [400, 401, 403, 410, 422, 499]) {
    assert.deepEqual(answerTo({ result: "allow" }, status), {
      kind: "refused",
      cause: `the webhook answered with status ${status}`,
    });
  }
  for (const status of [100, 201, 204, 404, 405, 408, 429, 500, 503, 599]) {
    assert.deepEqual(answerTo({ result: "allow" }, status), {
      kind: "unavailable",
      cause: `${CANNOT}it answered with status ${status}`,
    });
  }
  for (const status of [300, 301, 302, 307, 308]) {
    assert.deepEqual(answerTo({ result: "allow" }, status), {
      kind: "unavailable",
      cause: `${CANNOT}it answered with status ${status}, and redirects are not followed`,
    });
  }
});

Deno.test("what is not exactly an answer lets nobody in", () => {
  const notObject = "its answer is not a JSON object";
  const noResult = 'its "result" is not "allow", "deny" or "ignore"';
  const noName = 'it allowed a client without a User Name, and gave it no "username"';
  const noGroups = 'its "groups" are not a list of names';
  const noTime = 'its "expires_in" is not a number of seconds';
  const cases: [unknown, string][] = [
    ["", notObject],
    ["allow", notObject],
    ['"allow"', notObject],
    ['{"result":"allow"', notObject],
    [null, notObject],
    [["allow"], notObject],
    [true, notObject],
    [{}, noResult],
    [{ result: true }, noResult],
    [{ result: "Allow" }, noResult],
    [{ result: ["allow"] }, noResult],
    [{ result: "allow", username: "" }, noName],
    [{ result: "allow", username: null }, noName],
    [{ result: "allow", username: "a\n" }, noName],
    [{ result: "allow", groups: "a" }, noGroups],
    [{ result: "allow", groups: null }, noGroups],
    [{ result: "allow", groups: [1] }, noGroups],
    [{ result: "allow", expires_in: 0 }, noTime],
    [{ result: "allow", expires_in: -1 }, noTime],
    [{ result: "allow", expires_in: "60" }, noTime],
    [{ result: "allow", expires_in: null }, noTime],
    ['{"result":"allow","expires_in":1e999}', noTime],
  ];
  for (const [body, reason] of cases) {
    const expected = { kind: "unavailable", cause: `${CANNOT}${reason}` };
    assert.deepEqual(answerTo(body), expected, JSON.stringify(body));
  }
  const bytes = Uint8Array.of(0x7b, 0xff, 0x7d);
  assert.equal(readAnswer({ status: 200, body: bytes }, "ann").kind, "unavailable");
  const { kind } = readAnswer(
    { status: 200, body: new TextEncoder().encode('{"result":"allow"}') },
    "",
  );
  assert.equal(kind, "unavailable");
});

Deno.test("whatever is answered, only a whole allow proves anything", () => {
  const word = fc.oneof(fc.constantFrom("allow", "deny", "ignore"), fc.json(), fc.string());
  const answer = fc.record({
    result: word,
    username: fc.oneof(fc.string(), fc.constant(7)),
    groups: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    expires_in: fc.oneof(fc.double(), fc.jsonValue()),
  }, { requiredKeys: [] });
  const body = fc.oneof(answer.map((value) => JSON.stringify(value)), fc.json(), fc.string());
  fc.assert(fc.property(body, fc.integer({ min: 100, max: 599 }), (text, status) => {
    for (const code of [200, status]) {
      const given = answerTo(text, code);
      if (given.kind === "proven") {
        assert.equal(code, 200);
        assert.equal((JSON.parse(text) as { result: unknown }).result, "allow");
      }
      assert.ok(given.kind === "proven" || given.cause.length < 120);
    }
  }));
});
