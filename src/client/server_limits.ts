/**
 * What the server said in CONNACK that it takes (MQTT 5 section 3.2.2.3), and checks against it before
 * anything is sent.
 *
 * Owns the limits of one connection. Before MQTT 5 there are none. Pure.
 */

import type { Properties, SubscriptionRequest } from "../protocol/packet.ts";
import { ReasonCode } from "../protocol/reason_code.ts";
import { isSharedFilter } from "../protocol/topic.ts";
import type { OutgoingMessage } from "./client_types.ts";
import { SendError } from "./send_error.ts";

const NO_LIMIT = 65_535;

export class ServerLimits {
  /** QoS 1 and 2 messages that may be unacknowledged at a time. */
  readonly receiveMaximum: number;
  /** Bytes of a packet. */
  readonly maximumPacketSize: number;
  readonly topicAliasMaximum: number;
  readonly #properties: Properties;
  readonly #maximumQoS: number;

  /** `properties`: of CONNACK; none before MQTT 5. */
  constructor(properties: Properties) {
    this.#properties = properties;
    this.#maximumQoS = properties.maximumQoS ?? 2;
    this.receiveMaximum = properties.receiveMaximum ?? NO_LIMIT;
    this.maximumPacketSize = properties.maximumPacketSize ?? Infinity;
    this.topicAliasMaximum = properties.topicAliasMaximum ?? 0;
  }

  /** Throws a `SendError`. Its size and Topic Alias are judged elsewhere. */
  checkMessage({ topicName, qos, retain }: OutgoingMessage): void {
    if (qos > this.#maximumQoS) { // [MQTT-3.2.2-11]
      throw new SendError(
        ReasonCode.QoSNotSupported,
        `Cannot publish to '${topicName}' with QoS ${qos}: ` +
          `the server takes QoS ${this.#maximumQoS} at most`,
      );
    }
    if (retain && this.#properties.retainAvailable === 0) { // [MQTT-3.2.2-14]
      throw new SendError(
        ReasonCode.RetainNotSupported,
        `Cannot publish to '${topicName}': the server retains no messages`,
      );
    }
  }

  /** Throws a `SendError` for a kind of subscription that the server does not have. */
  checkSubscription({ topicFilter }: SubscriptionRequest, hasIdentifier: boolean): void {
    const { wildcardSubscriptionAvailable, sharedSubscriptionAvailable } = this.#properties;
    const refuse = (reasonCode: ReasonCode, what: string) =>
      new SendError(reasonCode, `Cannot subscribe to '${topicFilter}': the server has no ${what}`);
    if (sharedSubscriptionAvailable === 0 && isSharedFilter(topicFilter)) {
      throw refuse(ReasonCode.SharedSubscriptionsNotSupported, "shared subscriptions");
    }
    if (wildcardSubscriptionAvailable === 0 && /[+#]/.test(topicFilter)) {
      throw refuse(ReasonCode.WildcardSubscriptionsNotSupported, "wildcards");
    }
    if (hasIdentifier && this.#properties.subscriptionIdentifierAvailable === 0) {
      throw refuse(ReasonCode.SubscriptionIdentifiersNotSupported, "Subscription Identifiers");
    }
  }
}
