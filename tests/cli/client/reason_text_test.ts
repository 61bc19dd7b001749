import assert from "node:assert/strict";
import { reasonOf } from "../../../src/cli/client/reason_text.ts";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";

Deno.test("reasonOf() has the name of the Reason Code, and what the server said, made safe", () => {
  assert.equal(reasonOf(ReasonCode.NotAuthorized, {}), "Not authorized");
  assert.equal(
    reasonOf(ReasonCode.NotAuthorized, { reasonString: "Not authorized" }),
    "Not authorized",
  );
  assert.equal(reasonOf(0xfe as ReasonCode, {}), "0xfe");
  assert.equal(
    reasonOf(ReasonCode.QuotaExceeded, { reasonString: "too\nmany\x1b[2J" }),
    "Quota exceeded (too\\nmany\\x1b[2J)",
  );
});
