/**
 * Something cannot be sent, and nothing of it was sent.
 *
 * Owns the type only. It is not the server's fault and does not end the connection.
 */

import { ReasonCode } from "../protocol/reason_code.ts";

/** The message is for people; the Reason Code is what a server would have answered. */
export class SendError extends Error {
  override readonly name = "SendError";
  readonly reasonCode: ReasonCode;

  constructor(reasonCode: ReasonCode, message: string) {
    super(message);
    this.reasonCode = reasonCode;
  }
}

/** There is no connection, or it ended before an answer came. */
export class NotConnectedError extends SendError {
  constructor(message: string) {
    super(ReasonCode.UnspecifiedError, message);
  }
}
