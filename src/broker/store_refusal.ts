/**
 * What is refused while the journal cannot be written: whatever an acknowledgement would promise to
 * keep. What concerns nobody but clients whose sessions end with their connections goes on.
 *
 * Owns the decision and its wording. MQTT 5 clients are told with Quota exceeded; earlier versions
 * have no way to be told, so their message is not acknowledged and the connection ends: they send
 * it again when they are back.
 */

import type { QoS } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Broker } from "./broker.ts";
import type { Session } from "./session.ts";
import type { Topic } from "./topic_table.ts";

const CANNOT_STORE = "The broker cannot store it now: its disk takes nothing";

export interface StoreRefusal {
  readonly reasonCode: ReasonCode;
  readonly reasonString: string;
}

const REFUSAL: StoreRefusal = {
  reasonCode: ReasonCode.QuotaExceeded,
  reasonString: CANNOT_STORE,
};

/**
 * Throws `ProtocolError` when a session that is to outlive its connection cannot be stored, or one
 * that is stored cannot be deleted.
 */
export function checkSessionStorable(broker: Broker, isStored: boolean): void {
  if (isStored && !broker.journal.isWritable) throw cannotStore();
}

/** Why a subscription of `session` cannot be promised now; undefined when it can. */
export function subscriptionStoreRefusal(
  broker: Broker,
  session: Session,
): StoreRefusal | undefined {
  return session.isDurable && !broker.journal.isWritable ? REFUSAL : undefined;
}

/**
 * Whether UNSUBSCRIBE of `session` cannot be answered with success now. Throws `ProtocolError` for a
 * client that cannot be told.
 */
export function cannotUnsubscribe(broker: Broker, session: Session): boolean {
  if (!session.isDurable || broker.journal.isWritable) return false;
  if (session.protocolVersion !== 5) throw cannotStore();
  return true;
}

/**
 * Why a message of QoS 1 or 2 cannot be acknowledged now; undefined when it can. Throws
 * `ProtocolError` for a client that cannot be told.
 */
export function publishStoreRefusal(
  broker: Broker,
  session: Session,
  topic: Topic,
  qos: QoS,
  retain: boolean,
): StoreRefusal | undefined {
  if (qos === 0 || broker.journal.isWritable) return undefined;
  const isStored = retain || qos === 2 && session.isDurable || broker.router.hasDurable(topic);
  if (!isStored) return undefined;
  if (session.protocolVersion !== 5) throw cannotStore();
  return REFUSAL;
}

function cannotStore(): ProtocolError {
  return new ProtocolError(ReasonCode.QuotaExceeded, CANNOT_STORE);
}
