/**
 * Which Reason Code may stand in which packet (MQTT 5 table 2-6), and how CONNACK's and SUBACK's
 * are told to clients of MQTT 3.1 and 3.1.1.
 *
 * Owns tables only. Reading checks against them; writing trusts its caller, who picks Reason Codes
 * by name.
 */

import { PacketType, type ProtocolVersion } from "./packet.ts";
import type { Reader } from "./reader.ts";
import { isError, ProtocolError, ReasonCode } from "./reason_code.ts";

const R = ReasonCode;

const PUBLISH_ANSWER = new Set<number>([
  ...[R.Success, R.NoMatchingSubscribers, R.UnspecifiedError, R.ImplementationSpecificError],
  ...[R.NotAuthorized, R.TopicNameInvalid, R.PacketIdentifierInUse, R.QuotaExceeded],
  R.PayloadFormatInvalid,
]);
const RELEASE = new Set<number>([R.Success, R.PacketIdentifierNotFound]);

const LEGAL: ReadonlyMap<PacketType, ReadonlySet<number>> = new Map([
  [
    PacketType.Connack,
    new Set<number>([
      ...[R.Success, R.UnspecifiedError, R.MalformedPacket, R.ProtocolError],
      ...[R.ImplementationSpecificError, R.UnsupportedProtocolVersion, R.ClientIdentifierNotValid],
      ...[R.BadUserNameOrPassword, R.NotAuthorized, R.ServerUnavailable, R.ServerBusy, R.Banned],
      ...[R.BadAuthenticationMethod, R.TopicNameInvalid, R.PacketTooLarge, R.QuotaExceeded],
      ...[R.PayloadFormatInvalid, R.RetainNotSupported, R.QoSNotSupported, R.UseAnotherServer],
      ...[R.ServerMoved, R.ConnectionRateExceeded],
    ]),
  ],
  [PacketType.Puback, PUBLISH_ANSWER],
  [PacketType.Pubrec, PUBLISH_ANSWER],
  [PacketType.Pubrel, RELEASE],
  [PacketType.Pubcomp, RELEASE],
  [
    PacketType.Suback,
    new Set<number>([
      ...[R.Success, R.GrantedQoS1, R.GrantedQoS2, R.UnspecifiedError],
      ...[R.ImplementationSpecificError, R.NotAuthorized, R.TopicFilterInvalid],
      ...[R.PacketIdentifierInUse, R.QuotaExceeded, R.SharedSubscriptionsNotSupported],
      ...[R.SubscriptionIdentifiersNotSupported, R.WildcardSubscriptionsNotSupported],
    ]),
  ],
  [
    PacketType.Unsuback,
    new Set<number>([
      ...[R.Success, R.NoSubscriptionExisted, R.UnspecifiedError, R.ImplementationSpecificError],
      ...[R.NotAuthorized, R.TopicFilterInvalid, R.PacketIdentifierInUse],
    ]),
  ],
  [
    PacketType.Disconnect,
    new Set<number>([
      ...[R.Success, R.DisconnectWithWillMessage, R.UnspecifiedError, R.MalformedPacket],
      ...[R.ProtocolError, R.ImplementationSpecificError, R.NotAuthorized, R.ServerBusy],
      ...[R.ServerShuttingDown, R.BadAuthenticationMethod, R.KeepAliveTimeout],
      ...[R.SessionTakenOver, R.TopicFilterInvalid, R.TopicNameInvalid, R.ReceiveMaximumExceeded],
      ...[R.TopicAliasInvalid, R.PacketTooLarge, R.MessageRateTooHigh, R.QuotaExceeded],
      ...[R.AdministrativeAction, R.PayloadFormatInvalid, R.RetainNotSupported],
      ...[R.QoSNotSupported, R.UseAnotherServer, R.ServerMoved, R.SharedSubscriptionsNotSupported],
      ...[R.ConnectionRateExceeded, R.MaximumConnectTime, R.SubscriptionIdentifiersNotSupported],
      R.WildcardSubscriptionsNotSupported,
    ]),
  ],
  [PacketType.Auth, new Set<number>([R.Success, R.ContinueAuthentication, R.ReAuthenticate])],
]);

/** True when MQTT 5 allows `reasonCode` in packets of `type`, in one direction at least. */
export function isLegalReasonCode(type: PacketType, reasonCode: number): reasonCode is ReasonCode {
  return LEGAL.get(type)?.has(reasonCode) ?? false;
}

/** Reads one Reason Code of MQTT 5; throws `ProtocolError` 0x82 when `type` may not carry it. */
export function readReasonCode(reader: Reader, type: PacketType, packet: string): ReasonCode {
  const value = reader.byte("Reason Code");
  // [MQTT-3.2.2-8] [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] [MQTT-3.9.3-2]
  // [MQTT-3.11.3-2] [MQTT-3.14.2-1] [MQTT-3.15.2-1]
  if (isLegalReasonCode(type, value)) return value;
  throw new ProtocolError(
    R.ProtocolError,
    `Cannot accept ${packet}: 0x${hexByte(value)} is not one of its Reason Codes`,
  );
}

/** Connect Return codes 1 to 5 of MQTT 3.1 and 3.1.1 (MQTT 3.1.1 table 3.1), as Reason Codes. */
const REASON_CODE_OF_RETURN_CODE: readonly ReasonCode[] = [
  R.Success,
  R.UnsupportedProtocolVersion,
  R.ClientIdentifierNotValid,
  R.ServerUnavailable,
  R.BadUserNameOrPassword,
  R.NotAuthorized,
];

const NOT_AUTHORIZED = 5;
const SERVER_UNAVAILABLE = 3;

/** Reason Codes that MQTT 3.1.1 has no word for, but one that is nearer than "unavailable". */
const NEAREST_RETURN_CODE: ReadonlyMap<ReasonCode, number> = new Map([
  [R.BadAuthenticationMethod, 4],
  [R.Banned, NOT_AUTHORIZED],
  [R.TopicNameInvalid, NOT_AUTHORIZED],
  [R.PayloadFormatInvalid, NOT_AUTHORIZED],
  [R.RetainNotSupported, NOT_AUTHORIZED],
  [R.QoSNotSupported, NOT_AUTHORIZED],
]);

/** The Connect Return code, 0 to 5, that comes nearest to `reasonCode`. */
export function toConnectReturnCode(reasonCode: ReasonCode): number {
  const exact = REASON_CODE_OF_RETURN_CODE.indexOf(reasonCode);
  if (exact >= 0) return exact;
  return NEAREST_RETURN_CODE.get(reasonCode) ?? SERVER_UNAVAILABLE;
}

/** Throws `ProtocolError` 0x82 for a Connect Return code over 5, which is reserved. */
export function fromConnectReturnCode(returnCode: number): ReasonCode {
  const reasonCode = REASON_CODE_OF_RETURN_CODE[returnCode];
  if (reasonCode !== undefined) return reasonCode;
  throw new ProtocolError(
    R.ProtocolError,
    `Cannot accept CONNACK: ${returnCode} is not a Connect Return code`,
  );
}

/** SUBACK before MQTT 5 knows the granted QoS and one failure, 0x80. */
export function toSubackReturnCode(reasonCode: ReasonCode, version: ProtocolVersion): number {
  return version < 5 && isError(reasonCode) ? R.UnspecifiedError : reasonCode;
}

/** Throws `ProtocolError` 0x82 for what is neither a granted QoS nor 0x80. */
export function readSubackReturnCode(reader: Reader): ReasonCode {
  const value = reader.byte("Return Code");
  if (value === 0 || value === 1 || value === 2 || value === R.UnspecifiedError) return value;
  throw new ProtocolError(
    R.ProtocolError,
    `Cannot accept SUBACK: 0x${hexByte(value)} is not one of its Return Codes`,
  );
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
