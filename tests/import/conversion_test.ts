/** The parts of the written file come in their order, whatever the order of the conversion. */

import assert from "node:assert/strict";
import { Draft, listenerText } from "../../src/import/conversion.ts";
import { placeText } from "../../src/import/input_files.ts";

Deno.test("a draft writes its sections in the order of broker.yaml, with comments above them", () => {
  const draft = new Draft();
  draft.section("persistence").put("durability", "full", "a:1");
  draft.root("listeners").appendSection("listeners").put("port", 1883);
  draft.comment("users", "nobody");
  draft.section("limits");
  assert.equal(
    draft.text(["head", ""]),
    `# head
#

# Where clients connect.
listeners:
  - port: 1883

# Who may connect with a password: 'broker passwd' makes hashes.
# nobody

# What survives a restart.
persistence:
  durability: full  # a:1
`,
  );
});

Deno.test("places and listeners have short names", () => {
  assert.equal(placeText({ file: "mosquitto.conf", line: 12 }), "mosquitto.conf:12");
  assert.equal(listenerText({ port: 1883, path: undefined } as never), "1883");
  assert.equal(listenerText({ port: 0, path: "/run/s" } as never), "/run/s");
});

Deno.test("a comment is one line, whatever is in it", () => {
  const draft = new Draft();
  draft.comment("roles", "user a\rlisteners: []");
  assert.equal(
    draft.text(["x\nusers: []"]),
    "# x\\nusers: []\n\n# Who may publish and subscribe to what.\n# user a\\rlisteners: []\n",
  );
});
