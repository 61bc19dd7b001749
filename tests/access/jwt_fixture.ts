/**
 * Tokens and keys for tests: signed by jose, as an issuer would.
 *
 * Owns nothing that outlives the process. The clock of the logins stands still.
 */

import * as jose from "jose";
import { JwtLogin, type JwtOptions } from "../../src/access/jwt.ts";
import type { LoginRequest, MethodAnswer } from "../../src/access/login_method.ts";

/** 32 bytes. */
export const SECRET = "0123456789abcdef0123456789abcdef";

/** The wall clock of `openLogin()`: 2026-01-02T03:04:05Z. */
export const WALL_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
export const NOW_SECONDS = WALL_MS / 1000;

export interface KeyPair {
  readonly privateKey: jose.CryptoKey;
  /** SPKI in PEM. */
  readonly pem: string;
  readonly jwk: jose.JWK;
}

const pairs = new Map<string, Promise<KeyPair>>();

/** A pair for this algorithm: the same one for the same name. */
export function keyPair(algorithm: string, name = ""): Promise<KeyPair> {
  const id = `${algorithm} ${name}`;
  const pair = pairs.get(id) ?? newPair(algorithm);
  pairs.set(id, pair);
  return pair;
}

async function newPair(algorithm: string): Promise<KeyPair> {
  const { publicKey, privateKey } = await jose.generateKeyPair(algorithm, { extractable: true });
  const pem = await jose.exportSPKI(publicKey);
  return { privateKey, pem, jwk: await jose.exportJWK(publicKey) };
}

/** Signs with the secret, or with the key of the algorithm. */
export async function sign(
  claims: jose.JWTPayload,
  algorithm = "HS256",
  header: Partial<jose.JWTHeaderParameters> = {},
  key?: jose.CryptoKey | Uint8Array,
): Promise<string> {
  const signer = key ??
    (algorithm.startsWith("HS")
      ? new TextEncoder().encode(SECRET)
      : (await keyPair(algorithm)).privateKey);
  return await new jose.SignJWT(claims).setProtectedHeader({ ...header, alg: algorithm })
    .sign(signer);
}

/** A login by tokens whose clocks stand still. */
export function openLogin(options: JwtOptions): Promise<JwtLogin> {
  return JwtLogin.open({ wallNow: () => WALL_MS, now: () => 0, ...options });
}

/** What a client sends with this password. */
export function requestWith(
  password: string | Uint8Array | undefined,
  username?: string,
): LoginRequest {
  const bytes = typeof password === "string" ? new TextEncoder().encode(password) : password;
  return {
    clientIdentifier: "lamp",
    username,
    password: bytes,
    protocolVersion: 5,
    origin: {
      listener: { name: "garden", allowAnonymous: "never" },
      address: "192.0.2.7",
      certificate: undefined,
      isEncrypted: true,
    },
  };
}

/** "proven: ann [a, b]", or the kind and the cause. */
export async function verdict(
  login: JwtLogin,
  token: string | Uint8Array | undefined,
  username?: string,
): Promise<string> {
  const answer: MethodAnswer = await login.check(requestWith(token, username));
  return answer.kind === "proven"
    ? `proven: ${answer.username} [${answer.groups.join(", ")}]`
    : `${answer.kind}: ${answer.cause}`;
}

/** A folder for key files, which is gone at the end of the block. */
export function keyFolder(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync({ prefix: "broker-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
