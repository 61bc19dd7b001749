import assert from "node:assert/strict";
import { type Claims, identityOf, isName } from "../../src/access/jwt_claims.ts";

const NAMES = { usernameClaim: "sub", groupsClaim: "groups" };

function identity(claims: Claims, names: Partial<typeof NAMES> = {}) {
  return identityOf(claims, { ...NAMES, ...names });
}

Deno.test("groups are a list, or a text with blanks, or none", () => {
  const cases: [unknown, string[]][] = [
    [undefined, []],
    [null, []],
    [[], []],
    ["", []],
    ["a", ["a"]],
    [" a  b a ", ["a", "b"]],
    [["a", "b c", "a"], ["a", "b c"]],
  ];
  for (const [groups, expected] of cases) {
    assert.deepEqual(identity({ sub: "ann", groups }), { username: "ann", groups: expected });
  }
});

Deno.test("groups of another form make the token useless", () => {
  for (const groups of [1, true, {}, ["a", 1], ["a", ""], ["a\n"], [["a"]], { a: "b" }, "a\0"]) {
    assert.equal(
      identity({ sub: "ann", groups }),
      "the token's claim 'groups' is neither a list of names nor a text",
    );
  }
});

Deno.test("a user name is text without control characters", () => {
  assert.equal(identity({}), "the token has no claim 'sub'");
  for (const sub of ["", 7, null, [], {}, "a\n", "a\0", "\ud800", "\u00e4".repeat(32_768)]) {
    assert.equal(identity({ sub }), "the token's claim 'sub' is no user name");
  }
  assert.equal(isName("\u00e4".repeat(32_767)), true);
});

Deno.test("a claim with a dot is found by its whole name first, then within another", () => {
  const names = { usernameClaim: "a.b" };
  assert.deepEqual(identity({ "a.b": "one", a: { b: "two" } }, names), {
    username: "one",
    groups: [],
  });
  assert.deepEqual(identity({ a: { b: "two" } }, names), { username: "two", groups: [] });
  for (const claims of [{ a: "b" }, { a: null }, { a: {} }, {}]) {
    assert.equal(identity(claims, names), "the token has no claim 'a.b'");
  }
});

Deno.test("what every object has is no claim", () => {
  for (const usernameClaim of ["constructor", "__proto__", "constructor.name", "sub.length"]) {
    assert.equal(
      identity({ sub: "ann" }, { usernameClaim }),
      `the token has no claim '${usernameClaim}'`,
    );
  }
});
