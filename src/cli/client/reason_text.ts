/**
 * Reason Codes of a server for people, with what it said about them.
 *
 * Owns no codes: their names are those of the specification.
 */

import { escapeControls } from "../../config/escape.ts";
import { describeReasonCode } from "../../protocol/describe.ts";
import type { Properties } from "../../protocol/packet.ts";
import type { ReasonCode } from "../../protocol/reason_code.ts";

/** "Not authorized (the rule is ...)", in one line. */
export function reasonOf(reasonCode: ReasonCode, { reasonString }: Properties): string {
  const described = describeReasonCode(reasonCode);
  const name = described.includes(" ") ? described.slice(described.indexOf(" ") + 1) : described;
  const saysMore = reasonString !== undefined && reasonString !== name;
  return saysMore ? `${name} (${escapeControls(reasonString)})` : name;
}
