import assert from "node:assert/strict";
import {
  addProperty,
  noProperties,
  propertyValueCount,
  typedName,
} from "../../../src/cli/client/property_option.ts";
import { PROPERTY_TABLE } from "../../../src/protocol/property.ts";

function add(...lines: string[]) {
  const all = noProperties();
  for (const line of lines) addProperty(all, line.split(" "));
  return all;
}

Deno.test("addProperty() takes every property of every packet, by Mosquitto's names", () => {
  const all = add(
    "connect session-expiry-interval 0x10",
    "CONNECT receive-maximum 5",
    "connect user-property a b",
    "connect user-property a c",
    "publish content-type text/plain",
    "publish correlation-data abc",
    "publish payload-format-indicator 1",
    "publish response-topic r/t",
    "publish topic-alias 7",
    "subscribe subscription-identifier 268435455",
    "unsubscribe user-property x y",
    "disconnect session-expiry-interval 4294967295",
    "will will-delay-interval 9",
  );
  assert.deepEqual(all, {
    connect: {
      sessionExpiryInterval: 16,
      receiveMaximum: 5,
      userProperties: [["a", "b"], ["a", "c"]],
    },
    publish: {
      contentType: "text/plain",
      correlationData: new TextEncoder().encode("abc"),
      payloadFormatIndicator: 1,
      responseTopic: "r/t",
      topicAlias: 7,
    },
    subscribe: { subscriptionIdentifiers: [268_435_455] },
    unsubscribe: { userProperties: [["x", "y"]] },
    disconnect: { sessionExpiryInterval: 4_294_967_295 },
    will: { willDelayInterval: 9 },
  });
});

Deno.test("addProperty() says what is wrong, and what is allowed", () => {
  const cases: [string[], RegExp][] = [
    [
      ["publsh content-type a"],
      /^the packet of '-D' 'publsh' is not known \(did you mean 'publish'/,
    ],
    [
      ["auth user-property a b"],
      /^'-D' does not take the packet 'auth': properties can be given to/,
    ],
    [
      ["subscribe identifier 1"],
      /^the property of '-D' 'identifier' .*: allowed are subscription-identifier, user-property$/,
    ],
    [
      ["publish content a"],
      /^the property of '-D' 'content' is not known \(did you mean 'content-ty/,
    ],
    [
      ["publish will-delay-interval 1"],
      /^'-D' does not take 'will-delay-interval' for publish: all/,
    ],
    [
      ["publish subscription-identifier 1"],
      /^'-D' does not take 'subscription-identifier' for publi/,
    ],
    [["publish topic-alias 0"], /^'-D topic-alias' does not take '0': .* from 1 to 65535$/],
    [["publish topic-alias 65536"], /from 1 to 65535$/],
    [["publish payload-format-indicator 2"], /from 0 to 1$/],
    [
      ["publish response-topic a/#"],
      /^'-D response-topic' does not take 'a\/#': contains a wildcard$/,
    ],
    [["publish content-type a\0"], /^'-D content-type' does not take U\+0000$/],
    [[`publish content-type ${"a".repeat(65_536)}`], /^'-D content-type' has 65536 bytes: at most/],
    [
      ["publish content-type a", "publish content-type b"],
      /^'-D publish content-type' is given twice/,
    ],
  ];
  for (const [lines, message] of cases) assert.throws(() => add(...lines), { message });
});

Deno.test("a user property has two values, all others one", () => {
  assert.deepEqual([propertyValueCount("user-property"), propertyValueCount("topic-alias")], [
    4,
    3,
  ]);
});

Deno.test("typedName() is the specification's name with dashes", () => {
  assert.deepEqual(PROPERTY_TABLE.map(typedName).slice(-5), [
    "user-property",
    "maximum-packet-size",
    "wildcard-subscription-available",
    "subscription-identifier-available",
    "shared-subscription-available",
  ]);
});
