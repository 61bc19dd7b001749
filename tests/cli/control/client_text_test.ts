import assert from "node:assert/strict";
import {
  connectionText,
  expiryText,
  keepAliveText,
  userText,
} from "../../../src/cli/control/client_text.ts";
import { AWAY, CONNECTED } from "./items_fixture.ts";

Deno.test("userText() says of a name that nobody has proven it", () => {
  assert.deepEqual(
    [CONNECTED, AWAY, { ...CONNECTED, unprovenUsername: null }].map(userText),
    ["ann (unproven)", "bob", "-"],
  );
});

Deno.test("connectionText() says since when", () => {
  assert.match(connectionText(CONNECTED), /^since 2026-11-2/);
  assert.match(connectionText(AWAY), /^away since 2026-11-2/);
});

Deno.test("keepAliveText() tells none from not known", () => {
  assert.deepEqual(
    [CONNECTED, AWAY, { ...CONNECTED, keepAlive: 0 }].map(keepAliveText),
    ["1m", "-", "none"],
  );
});

Deno.test("expiryText() says when the session ends", () => {
  const leaves = { ...CONNECTED, sessionExpiryInterval: 0 };
  const due = { ...AWAY, sessionExpiryInterval: 60, expiresAt: "2026-11-23T10:00:00.000Z" };
  assert.deepEqual([CONNECTED, leaves, AWAY].map(expiryText), [
    "1h after it leaves",
    "when it leaves",
    "never",
  ]);
  assert.match(expiryText(due), /^2026-11-2/);
});
