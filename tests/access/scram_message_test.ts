import assert from "node:assert/strict";
import fc from "fast-check";
import {
  MAXIMUM_MESSAGE_BYTES,
  parseClientFinal,
  parseClientFirst,
  ScramMessageError,
} from "../../src/access/scram_message.ts";

const encoder = new TextEncoder();
const PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

function first(text: string): ReturnType<typeof parseClientFirst> {
  return parseClientFirst(encoder.encode(text));
}

function final(text: string): ReturnType<typeof parseClientFinal> {
  return parseClientFinal(encoder.encode(text));
}

Deno.test("parseClientFirst() reads header, name, nonce and extensions", () => {
  assert.deepEqual(first("y,a=J=3D=2C,n=J=3D=2C,r=abc,x=1=2"), {
    gs2Header: "y,a=J=3D=2C,",
    bare: "n=J=3D=2C,r=abc,x=1=2",
    authorizationIdentity: "J=,",
    username: "J=,",
    nonce: "abc",
  });
  assert.deepEqual(first("n,,n=\u00f6=3D2C,r=!~"), {
    gs2Header: "n,,",
    bare: "n=\u00f6=3D2C,r=!~",
    authorizationIdentity: undefined,
    username: "\u00f6=2C",
    nonce: "!~",
  });
});

Deno.test("parseClientFirst() says what is wrong", () => {
  const start = "it does not start with 'n,' or 'y,'";
  const name = "its 'n=' is missing or no name";
  const nonce = "its nonce (r=) is missing or not printable";
  const extension = "it has an extension that is not of the form 'x=...'";
  const cases: [string, string][] = [
    ["", start],
    ["N,,n=a,r=b", start],
    ["n=a,r=b", start],
    ["p=tls-unique,,n=a,r=b", "it demands channel binding (p=), which there is not"],
    ["n", "it ends after its first letter"],
    ["n,", name],
    ["n,,", name],
    ["n,,n=,r=b", name],
    ["n,,n=a=b,r=b", name],
    ["n,,n=a=2c,r=b", name],
    ["n,,a=a,r=b", name],
    ["n,,r=b,n=a", name],
    ["n,a=,n=a,r=b", "its 'a=' is missing or no name"],
    ["n,n=a,n=a,r=b", "its 'a=' is missing or no name"],
    ["n,,m=x,n=a,r=b", "it demands an extension (m=), of which there are none"],
    ["n,,n=a,r=b,m=x", "it demands an extension (m=), of which there are none"],
    ["n,,n=a", nonce],
    ["n,,n=a,r=", nonce],
    ["n,,n=a,r=a b", nonce],
    ["n,,n=a,r=\u00e4", nonce],
    ["n,,n=a,r=b,", extension],
    ["n,,n=a,r=b,x=", extension],
    ["n,,n=a,r=b,1=x", extension],
    ["n,,n=a\0,r=b", "it contains the character U+0000"],
    [`n,,n=a,r=${"b".repeat(4096)}`, "it has 4105 bytes, at most 4096 are allowed"],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => first(text), { name: "ScramMessageError", message }, text.slice(0, 40));
  }
  assert.throws(() => parseClientFirst(Uint8Array.of(0x6e, 0xff)), {
    message: "it is not text in UTF-8",
  });
});

Deno.test("parseClientFinal() reads binding, nonce and proof, and keeps what was signed", () => {
  const { proof, ...rest } = final(`c=biws,r=abc,x=y,p=${PROOF}`);
  assert.equal(proof.length, 32);
  assert.deepEqual(rest, {
    withoutProof: "c=biws,r=abc,x=y",
    channelBinding: "biws",
    nonce: "abc",
  });
});

Deno.test("parseClientFinal() says what is wrong", () => {
  const proof = "it does not end with a proof (p=) of 32 bytes";
  const binding = "it does not start with 'c=' and base64";
  const cases: [string, string][] = [
    ["", proof],
    ["c=biws,r=abc", proof],
    ["c=biws,r=abc,p=", proof],
    ["c=biws,r=abc,p=YQ==", proof],
    [`c=biws,r=abc,p=${PROOF} `, proof],
    [`c=biws,r=abc,p=${PROOF},x=y`, proof],
    [`p=${PROOF}`, binding],
    [`c=,r=abc,p=${PROOF}`, binding],
    [`c=biw,r=abc,p=${PROOF}`, binding],
    [`r=abc,c=biws,p=${PROOF}`, binding],
    [`c=biws,p=${PROOF}`, "its nonce (r=) is missing or not printable"],
    [`c=biws,r=abc,m=x,p=${PROOF}`, "it demands an extension (m=), of which there are none"],
    [`c=biws,r=abc,,p=${PROOF}`, "it has an extension that is not of the form 'x=...'"],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => final(text), { name: "ScramMessageError", message }, text);
  }
});

/** Pieces of messages, so that random texts come near to real ones. */
const piece = fc.oneof(
  fc.constantFrom("n", "y", "p=", ",", "a=", "n=", "r=", "c=", "m=", "x=", "=2C", "=3D", "biws"),
  fc.constant(`p=${PROOF}`),
  fc.string({ maxLength: 6, unit: "binary" }),
);
const data = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc.array(piece, { maxLength: 14 }).map((pieces) => encoder.encode(pieces.join(""))),
);

Deno.test("whatever bytes come, parsing ends in a message or a ScramMessageError", () => {
  const read = { first: 0, final: 0 };
  const attempt = (bytes: Uint8Array): void => {
    for (const parse of [parseClientFirst, parseClientFinal]) {
      try {
        const message = parse(bytes);
        const text = new TextDecoder().decode(bytes);
        if ("bare" in message) {
          read.first++;
          assert.equal(`${message.gs2Header}${message.bare}`, text);
        } else {
          read.final++;
          assert.ok(text.startsWith(`${message.withoutProof},p=`));
        }
      } catch (error) {
        assert.ok(error instanceof ScramMessageError, `${error}`);
        assert.ok(error.message.length < 80);
      }
    }
  };
  fc.assert(fc.property(data, attempt), { numRuns: 3000 });
  attempt(encoder.encode("n,,n=a,r=b"));
  attempt(encoder.encode(`c=biws,r=b,p=${PROOF}`));
  attempt(new Uint8Array(MAXIMUM_MESSAGE_BYTES + 1));
  assert.ok(read.first > 0 && read.final > 0);
});

Deno.test("any name goes through a first message and comes back", () => {
  const name = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" })
    .filter((text) => !text.includes("\0") && text.isWellFormed());
  fc.assert(fc.property(name, (username) => {
    const escaped = username.replaceAll("=", "=3D").replaceAll(",", "=2C");
    assert.equal(first(`n,,n=${escaped},r=x`).username, username);
  }));
});
