/**
 * How the brokers that are measured are set up: transport, password, bans.
 *
 * Owns the text of both configurations and what a client of such a broker has to say. Paths are
 * relative to the folder that the configuration lies in.
 */

import { pbkdf2Sync, randomBytes } from "node:crypto";
import { makePasswordHash } from "../../src/access/password_digest.ts";
import { formatPasswordHash } from "../../src/access/password_hash.ts";

export const TRANSPORTS = ["tcp", "tls", "ws", "wss"] as const;

/** MQTT over TCP, TLS, WebSocket, or WebSocket over TLS. */
export type TransportName = (typeof TRANSPORTS)[number];

/** A broker with one listener. */
export interface BrokerSetup {
  readonly transport: TransportName;
  /** Given: only this user may connect. */
  readonly login?: Login;
  /** Whether an address is banned after failed logins, loopback too; Mosquitto bans nobody. */
  readonly bans?: boolean;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** The files that setups refer to, in the folder of the configuration. */
export const SETUP_FILES = {
  ca: "ca.pem",
  certificate: "cert.pem",
  key: "key.pem",
  passwords: "passwords",
} as const;

export function isEncrypted(transport: TransportName): boolean {
  return transport === "tls" || transport === "wss";
}

export function isWebSocket(transport: TransportName): boolean {
  return transport === "ws" || transport === "wss";
}

/** Arguments of the load generator for clients of this setup. */
export function clientArgs({ transport, login }: BrokerSetup, folder: string): string[] {
  return [
    ...(isEncrypted(transport) ? ["--tls", "--cafile", `${folder}/${SETUP_FILES.ca}`] : []),
    ...(isWebSocket(transport) ? ["--ws"] : []),
    ...(login === undefined ? [] : ["--user", login.user, "--password", login.password]),
  ];
}

/** Text of our broker.yaml; the password is hashed as `broker passwd` does it by default. */
export async function ourConfig({ transport, login, bans }: BrokerSetup): Promise<string> {
  const lines = ["listeners:", "  - address: 127.0.0.1", "    port: 0"];
  if (isWebSocket(transport)) lines.push("    protocol: websocket");
  if (isEncrypted(transport)) {
    const { certificate, key } = SETUP_FILES;
    lines.push("    tls:", `      certificate: ${certificate}`, `      key: ${key}`);
  }
  if (login !== undefined) {
    const hash = await makePasswordHash(new TextEncoder().encode(login.password), "argon2id");
    lines.push("users:", `  - name: ${login.user}`, `    password: "${hash}"`);
  }
  if (bans !== undefined) {
    lines.push("authentication:", `  ban_local_network: ${bans}`);
    if (!bans) lines.push("  failed_logins_before_ban: none");
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Ports of Mosquitto: its one listener's, and another that is not used. */
export interface MosquittoPorts {
  readonly port: number;
  /** Mosquitto 2.0.11 ends at once when it has no other listener than those for WebSocket. */
  readonly spare: number;
}

/**
 * Text of mosquitto.conf: nothing is dropped, nothing is logged, nothing is written to disk. Started
 * by root it stays root: the files of the setup are for whoever started it alone.
 */
export function mosquittoConfig(
  { transport, login }: BrokerSetup,
  { port, spare }: MosquittoPorts,
  folder: string,
): string {
  const lines = [
    "user root",
    `allow_anonymous ${login === undefined}`,
    "max_queued_messages 0",
    "max_inflight_messages 0",
    "log_type none",
    "persistence false",
  ];
  if (login !== undefined) lines.push(`password_file ${folder}/${SETUP_FILES.passwords}`);
  if (isWebSocket(transport)) lines.push(`listener ${spare} 127.0.0.1`);
  lines.push(`listener ${port} 127.0.0.1`);
  if (isWebSocket(transport)) lines.push("protocol websockets");
  if (isEncrypted(transport)) {
    lines.push(`certfile ${folder}/${SETUP_FILES.certificate}`);
    lines.push(`keyfile ${folder}/${SETUP_FILES.key}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** What `mosquitto_passwd` of Mosquitto 2.0 writes if it is not told otherwise. */
const MOSQUITTO_ITERATIONS = 101;

/** Text of a password file as Mosquitto's own tool writes it. */
export function mosquittoPasswords({ user, password }: Login): string {
  const salt = randomBytes(12);
  const iterations = MOSQUITTO_ITERATIONS;
  const digest = pbkdf2Sync(password, salt, iterations, 64, "sha512");
  const hash = formatPasswordHash({ format: "pbkdf2-sha512", iterations, salt, digest });
  return `${user}:${hash}\n`;
}
