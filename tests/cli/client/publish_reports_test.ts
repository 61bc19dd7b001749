import assert from "node:assert/strict";
import { PublishReports } from "../../../src/cli/client/publish_reports.ts";
import { ReasonCode } from "../../../src/protocol/reason_code.ts";

function reports(isDebug: boolean) {
  const lines: string[] = [];
  const debug = isDebug ? (line: string) => void lines.push(`debug: ${line}`) : undefined;
  return { lines, all: new PublishReports((line) => void lines.push(line), debug) };
}

function result(reasonCode: ReasonCode, reasonString?: string) {
  const properties = reasonString === undefined ? {} : { reasonString };
  return { reasonCode, properties, packetIdentifier: 1 };
}

Deno.test("a message that the server refused is a warning, one that nobody gets is for -d", () => {
  for (const isDebug of [true, false]) {
    const { lines, all } = reports(isDebug);
    all.add(1, result(ReasonCode.Success));
    all.add(2, result(ReasonCode.NoMatchingSubscribers));
    all.add(3, result(ReasonCode.NotAuthorized, "no rule allows it"));
    all.end();
    assert.deepEqual(lines, [
      ...(isDebug ? ["debug: Publish 2: No matching subscribers"] : []),
      "Warning: Publish 3 failed: Not authorized (no rule allows it)",
    ]);
  }
});

Deno.test("after ten warnings the rest are counted", () => {
  const { lines, all } = reports(false);
  for (let number = 1; number <= 25; number++) all.add(number, result(ReasonCode.QuotaExceeded));
  all.end();
  assert.equal(lines.length, 11);
  assert.equal(lines[10], "Warning: 15 more failed: 25 in all");
});
