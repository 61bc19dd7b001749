/**
 * Whether each listener's address and port can be listened on.
 *
 * Owns the words, and who is likely to be in the way. Ports are tried by listening on them for a
 * moment. Those with an address of their own stay open until all are tried, so that two names of one
 * address are noticed; what overlaps by the text alone, the configuration does not allow.
 */

import { isIP } from "node:net";
import { describeEndpoint } from "../config/policy.ts";
import { isMarkedSecret } from "../config/secret.ts";
import { ALL_ADDRESSES, type ListenerSettings } from "../config/settings.ts";
import { type Examination, type Finding, placeOf } from "./finding.ts";
import type { Machine, PortAttempt } from "./machine.ts";
import { findRunningBroker, holds, nameOf, type RunningBroker } from "./running_broker.ts";
import { addToUnit } from "./service_unit.ts";

/** Below it, Linux wants a right of its own. */
const FIRST_FREE_PORT = 1024;

/** Brokers whose service may have the port, most likely first. */
const OTHER_BROKERS = ["mosquitto", "emqx", "flashmq", "nanomq", "vernemq", "rabbitmq-server"];

/** MQTT, the same over TLS, and over WebSocket, as brokers have them by default. */
const USUAL_PORTS = [1883, 8080, 8083, 8084, 8883, 9001];

interface Held {
  readonly index: number;
  readonly listener: ListenerSettings;
  close(): void;
}

/** Every listener that is not a Unix socket and says its port. */
export async function probePorts(examination: Examination): Promise<readonly Finding[]> {
  const { loaded: { settings }, machine } = examination;
  const broker = await findRunningBroker(examination);
  const held: Held[] = [];
  try {
    return settings.listeners.flatMap((listener, index) => {
      const { path, port } = listener;
      if (path !== undefined || port === 0) return [];
      const attempt = tryListener(machine, listener);
      if (attempt.outcome === "free") {
        held.push({ index, listener, close: attempt.close });
      }
      const earlier = held.find((other) => other.index !== index && mayBeOne(other, listener));
      return portFindings(examination, { listener, index, attempt, broker, earlier });
    });
  } finally {
    for (const { close } of held) close();
  }
}

/** Two addresses are two; a host name may be anything. */
function mayBeOne(held: Held, { address, port }: ListenerSettings): boolean {
  const isName = (text: string) => text !== ALL_ADDRESSES && isIP(text) === 0;
  return held.listener.port === port && (isName(address) || isName(held.listener.address));
}

/** On all addresses: of IPv4, then of IPv6, which the machine may not have. */
function tryListener(machine: Machine, { address, port }: ListenerSettings): PortAttempt {
  if (address !== ALL_ADDRESSES) return machine.tryPort(address, port);
  const attempts = ["0.0.0.0", "::"].map((each) => {
    const attempt = machine.tryPort(each, port);
    // Where an IPv6 socket takes IPv4 as well, the two would be in each other's way.
    if (attempt.outcome === "free") attempt.close();
    return attempt;
  });
  const fault = attempts.find(({ outcome }) => !["free", "no such address"].includes(outcome));
  if (fault !== undefined) return fault;
  return attempts.some(({ outcome }) => outcome === "free")
    ? { outcome: "free", close() {} }
    : { outcome: "no such address" };
}

interface Tried {
  readonly listener: ListenerSettings;
  readonly index: number;
  readonly attempt: PortAttempt;
  readonly broker: RunningBroker | undefined;
  /** Another listener of the same port that is open. */
  readonly earlier: Held | undefined;
}

function portFindings(examination: Examination, tried: Tried): Finding[] {
  const { listener, index, attempt, broker, earlier } = tried;
  const { loaded, machine } = examination;
  const key = listener.address === ALL_ADDRESSES ? "port" : "address";
  const place = placeOf(loaded, ["listeners", index, key]);
  const where = describeEndpoint(listener);
  const error = (reason: string, cure: string | undefined): Finding[] => [
    { severity: "error", place, problem: `Cannot listen on ${where}: ${reason}`, cure },
  ];
  switch (attempt.outcome) {
    case "free":
      return lowPortFindings(examination, listener, error);
    case "in use":
      if (earlier !== undefined) {
        return error(
          `'listeners[${earlier.index}]' has the port on the same address`,
          "take one of the two out, or give it another port",
        );
      }
      if (broker !== undefined && holds(broker, listener)) {
        const problem = `${sentence(where)} is in use by ${nameOf(broker, examination)}`;
        return [{ severity: "info", place, problem, cure: undefined }];
      }
      return error("another program has the port", inUseCure(machine, listener));
    case "not permitted":
      return lowPortFindings(examination, listener, error, true);
    case "no such address":
      return error("this machine does not have the address now", addressCure(machine));
    case "unknown host":
      return error(
        "nobody knows the host name now",
        "write the IP address; or look whether the name server answers, the broker tries again " +
          "every 5 seconds",
      );
    case "failed":
      return error(attempt.reason, undefined);
  }
}

/** Whether the service's user may listen there is another question than whether who asks may. */
function lowPortFindings(
  { service: { account, unit }, machine }: Examination,
  listener: ListenerSettings,
  error: (reason: string, cure: string) => Finding[],
  isRefused: boolean = false,
): Finding[] {
  const isAsker = account?.uid === machine.userId;
  // Where it was tried as the user who will do it, that is the answer.
  if (isAsker && !isRefused) return [];
  const isLow = machine.system === "linux" && listener.port < FIRST_FREE_PORT;
  if (!isRefused && !isLow) return [];
  if (account?.uid === 0 || unit?.hasLowPorts === true) return [];
  const user = account === undefined ? "" : `user '${account.name}' `;
  const reason = `${user}may not use ports below ${FIRST_FREE_PORT}`;
  return error(
    reason,
    unit === undefined
      ? "sudo setcap cap_net_bind_service=+ep /PATH/TO/broker; or take a port from 1024 on"
      : `take a port from 1024 on; or: ${addToUnit("AmbientCapabilities=CAP_NET_BIND_SERVICE")}`,
  );
}

/** The broker may not look at other processes, so this goes by the traces of their services. */
function inUseCure(machine: Machine, listener: ListenerSettings): string {
  const which = isMarkedSecret(listener, "port") ? "" : ` 'sport = :${listener.port}'`;
  const command = machine.system === "linux" ? `sudo ss -ltnp${which}` : "netstat -an";
  for (const name of OTHER_BROKERS) {
    const pid = pidOf(machine, name);
    const isLikely = USUAL_PORTS.includes(listener.port) && isEnabled(machine, name);
    if (pid === undefined && !isLikely) continue;
    const process = pid === undefined ? "" : ` (process ${pid})`;
    return `it may be ${name}${process}: sudo systemctl disable --now ${name}; ${command} shows ` +
      "whether it is";
  }
  return `${command} shows which one`;
}

function isEnabled(machine: Machine, service: string): boolean {
  const link = `/etc/systemd/system/multi-user.target.wants/${service}.service`;
  return typeof machine.look(link) !== "string";
}

/** As its pid file has it. */
function pidOf(machine: Machine, service: string): string | undefined {
  for (const path of [`/run/${service}/${service}.pid`, `/run/${service}.pid`]) {
    try {
      const pid = new TextDecoder().decode(machine.read(path)).trim();
      if (/^\d+$/.test(pid)) return pid;
    } catch {
      // It has none.
    }
  }
  return undefined;
}

function addressCure(machine: Machine): string {
  const addresses = machine.interfaces().map(({ name, address }) => `${address} (${name})`);
  return `'address: all' takes every address; there are ${[...new Set(addresses)].join(", ")}. ` +
    "If it only comes later (a slow network at boot, a VPN), the broker tries again every 5 seconds";
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
