import assert from "node:assert/strict";
import { isError, malformed, ProtocolError, ReasonCode } from "../../src/protocol/reason_code.ts";

Deno.test("every Reason Code has one name and a value of one byte", () => {
  const values = Object.values(ReasonCode);
  assert.equal(new Set(values).size, values.length);
  for (const value of values) assert.ok(value >= 0 && value <= 0xff);
});

Deno.test("isError() is true from 0x80 on", () => {
  const { GrantedQoS2, NoSubscriptionExisted, UnspecifiedError, QuotaExceeded } = ReasonCode;
  const codes = [GrantedQoS2, NoSubscriptionExisted, UnspecifiedError, QuotaExceeded];
  assert.deepEqual(codes.map(isError), [false, false, true, true]);
});

Deno.test("malformed() makes a ProtocolError with 0x81", () => {
  const error = malformed("Cannot decode Topic Name: cut short");
  assert.ok(error instanceof ProtocolError);
  assert.equal(error.name, "ProtocolError");
  assert.equal(error.reasonCode, ReasonCode.MalformedPacket);
  assert.equal(error.message, "Cannot decode Topic Name: cut short");
});
