import assert from "node:assert/strict";
import { OutgoingTopicAliases } from "../../src/client/outgoing_aliases.ts";
import { message } from "./session_fixture.ts";

const withAlias = (topicName: string, topicAlias: number) =>
  message(topicName, "", { properties: { topicAlias } });

Deno.test("OutgoingTopicAliases.resolve() learns a name, and finds it again", () => {
  const aliases = new OutgoingTopicAliases(2);
  assert.equal(aliases.resolve(message("plain", "")), "plain");
  assert.equal(aliases.resolve(withAlias("a/b", 2)), "a/b");
  assert.equal(aliases.resolve(withAlias("", 2)), "a/b");
});

Deno.test("OutgoingTopicAliases.resolve() refuses an alias over the server's maximum [MQTT-3.2.2-17] [MQTT-3.2.2-18]", () => {
  assert.throws(() => new OutgoingTopicAliases(2).resolve(withAlias("a", 3)), {
    name: "SendError",
    message: "Cannot publish to 'a': Topic Alias 3, the server takes 1 to 2",
  });
  assert.throws(() => new OutgoingTopicAliases(0).resolve(withAlias("a", 1)), {
    message: "Cannot publish to 'a': Topic Alias 1, the server takes none",
  });
});

Deno.test("OutgoingTopicAliases.resolve() refuses an alias that stands for nothing", () => {
  assert.throws(() => new OutgoingTopicAliases(2).resolve(withAlias("", 1)), {
    message: "Cannot publish with Topic Alias 1: it stands for no topic on this connection",
  });
});
