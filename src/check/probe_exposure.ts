/**
 * Who could reach the broker that should not: listeners without TLS, without passwords, on addresses
 * of the internet.
 *
 * Owns the alarms. Whether a router forwards a port cannot be seen from here.
 */

import { isLocalAddress } from "../access/local_network.ts";
import { hasCredentials } from "../config/derived.ts";
import { describeWarnings } from "../config/policy.ts";
import { ALL_ADDRESSES, type ListenerSettings, type Settings } from "../config/settings.ts";
import { type Examination, type Finding, placeOf, type Severity } from "./finding.ts";
import type { Machine } from "./machine.ts";

type Report = (severity: Severity, key: string, problem: string, cure: string) => Finding;

/** Alarms that depend on the machine as well. */
export function probeExposure({ loaded, machine }: Examination): Finding[] {
  const { settings } = loaded;
  return settings.listeners.flatMap((listener, index) => {
    const report: Report = (severity, key, problem, cure) => ({
      severity,
      place: placeOf(loaded, ["listeners", index, key]),
      problem: `Listener '${listener.name}' ${problem}`,
      cure,
    });
    if (listener.path !== undefined || isLoopback(listener.address)) return [];
    const addresses = publicAddresses(machine, listener);
    return [
      ...openFindings(listener, addresses, report),
      ...passwordFindings(settings, listener, addresses, report),
      ...originFindings(listener, report),
    ];
  });
}

/** What the settings alone say: probably not meant. */
export function probePolicy({ loaded }: Pick<Examination, "loaded">): Finding[] {
  const { settings } = loaded;
  const perListener = settings.listeners.flatMap((listener, index) =>
    describeWarnings({ ...settings, listeners: [listener] }).map((problem): Finding => ({
      severity: "warning",
      place: placeOf(loaded, ["listeners", index]),
      problem,
      cure: policyCure(listener, problem),
    }))
  );
  return [...perListener, ...ruleFindings(loaded), ...webhookFindings(loaded)];
}

function policyCure({ allowAnonymous }: ListenerSettings, problem: string): string {
  if (problem.includes("proxy_networks")) return "proxy_networks: [ADDRESS OF THE PROXY]";
  return allowAnonymous === "always"
    ? "allow_anonymous: local_network; or users: broker passwd --help, and TLS: broker cert --help"
    : "add users: broker passwd --help; or allow_anonymous: local_network";
}

/** The internet, and nobody has to say who they are. */
function openFindings(
  { allowAnonymous, tls }: ListenerSettings,
  addresses: readonly string[],
  report: Report,
): Finding[] {
  if (allowAnonymous !== "always" || addresses.length === 0) return [];
  if (tls.clientCertificate === "require") return [];
  return [report(
    "warning",
    "allow_anonymous",
    "is open to the internet unless a firewall or a router keeps it off: this machine has the " +
      `public address ${addresses.join(", ")}, and anybody may connect without a password${
        tls.certificate === undefined ? " and without TLS" : ""
      }`,
    "allow_anonymous: never, and users: broker passwd --create passwords ann",
  )];
}

/** SCRAM alone would not show them, and nothing says that clients use it. */
function passwordFindings(
  settings: Settings,
  { tls, proxyProtocol }: ListenerSettings,
  addresses: readonly string[],
  report: Report,
): Finding[] {
  // Behind a proxy, TLS ends there.
  if (tls.certificate !== undefined || proxyProtocol === "on" || !hasCredentials(settings)) {
    return [];
  }
  const who = addresses.length === 0
    ? "everybody on the way in the local network"
    : `everybody on the way, on the internet too (this machine has ${addresses.join(", ")}),`;
  return [report(
    "warning",
    "port",
    `takes passwords without TLS: ${who} can read them`,
    "broker cert makes certificates, and prints the 'tls:' to add; on this machine alone: " +
      "address: localhost",
  )];
}

/** A page that somebody in the local network visits connects with that somebody's address. */
function originFindings(
  { protocol, websocket, allowAnonymous }: ListenerSettings,
  report: Report,
): Finding[] {
  if (protocol !== "websocket" || websocket.origins.length > 0) return [];
  return [report(
    allowAnonymous === "never" ? "info" : "warning",
    "websocket",
    "takes WebSocket connections of any web page" +
      (allowAnonymous === "never"
        ? ""
        : ": one that is visited from the local network can read and send everything"),
    "websocket: {origins: [https://PAGE.EXAMPLE]}",
  )];
}

function ruleFindings({ settings, ...loaded }: Examination["loaded"]): Finding[] {
  const isOpen = settings.roles.length === 0 && settings.aclFiles.length === 0;
  const others = settings.listeners.some(({ allowAnonymous }) => allowAnonymous === "always");
  if (!isOpen || !(others || hasCredentials(settings))) return [];
  return [{
    severity: "info",
    place: `${loaded.file}:${loaded.lineOf(["roles"])}`,
    problem: "There are no rules: whoever is let in may publish and subscribe to everything",
    cure: "roles: [{name: all, allow: [readwrite %u/#]}]; broker explain --help shows what holds",
  }];
}

function webhookFindings({ settings, ...loaded }: Examination["loaded"]): Finding[] {
  const { url } = settings.authentication.http;
  if (url === undefined || !URL.canParse(url)) return [];
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:" || isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"))) return [];
  return [{
    severity: "warning",
    place: `${loaded.file}:${loaded.lineOf(["authentication", "http", "url"])}`,
    problem: "Passwords are sent to 'authentication.http.url' without TLS: everybody on the way " +
      "can read them",
    cure: "url: https://...",
  }];
}

/** Addresses of the internet that the listener is on. */
function publicAddresses(machine: Machine, { address }: ListenerSettings): string[] {
  const all = machine.interfaces().map(({ address }) => address.replace(/%.*$/, ""))
    .filter((each) => !isLocalAddress(each) && !isReserved(each));
  const isIPv4 = (text: string) => !text.includes(":");
  if (address === ALL_ADDRESSES) return all;
  if (/^[0:.]+$/.test(address)) {
    // "::" takes IPv4 as well.
    return address.includes(":") ? all : all.filter(isIPv4);
  }
  return all.filter((each) => each.toLowerCase() === address.toLowerCase());
}

/** Shared by the customers of a provider (RFC 6598), or for examples and tests. */
function isReserved(address: string): boolean {
  return /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^192\.0\.2\.|^198\.1[89]\.|^198\.51\.100\.|^203\.0\.113\.|^2001:db8:/i
    .test(address);
}

function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || address.startsWith("127.");
}
