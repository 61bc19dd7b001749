/**
 * The exchange that RFC 7677 section 3 shows, and a client that answers as RFC 5802 has it.
 *
 * Owns nothing. The client is written from the RFC alone and shares no code with the server's side.
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** RFC 7677 section 3; `verifier` is what its password and salt lead to. */
export const RFC_7677 = {
  clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  serverFirst:
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," +
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  verifier: "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" +
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
} as const;

/** The client's side of one exchange. */
export class ScramClient {
  /** The client-first-message. */
  readonly first: string;
  readonly #bare: string;
  readonly #header: string;
  readonly #password: string;
  #serverSignature = "";

  /** `header`: the GS2 header. */
  constructor(
    username: string,
    password: string,
    header = "n,,",
    nonce = "fyko+d2lbbFgONRv9qkxdawL",
  ) {
    this.#bare = `n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
    this.#header = header;
    this.#password = password;
    this.first = `${header}${this.#bare}`;
  }

  /** The client-final-message; `extensions` go before the proof. */
  answer(serverFirst: string, extensions = ""): string {
    const { r, s, i } = Object.fromEntries(
      serverFirst.split(",").map((field) => [field[0], field.slice(2)]),
    );
    const salted = pbkdf2Sync(
      this.#password,
      Buffer.from(s ?? "", "base64"),
      Number(i),
      32,
      "sha256",
    );
    const clientKey = createHmac("sha256", salted).update("Client Key").digest();
    const storedKey = createHash("sha256").update(clientKey).digest();
    const withoutProof = `c=${Buffer.from(this.#header).toString("base64")},r=${r}${extensions}`;
    const signed = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = createHmac("sha256", storedKey).update(signed).digest();
    const serverKey = createHmac("sha256", salted).update("Server Key").digest();
    this.#serverSignature = createHmac("sha256", serverKey).update(signed).digest("base64");
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    return `${withoutProof},p=${proof.toString("base64")}`;
  }

  /** Whether the server has proven that it knows the verifier. */
  believes(serverFinal: string): boolean {
    return serverFinal === `v=${this.#serverSignature}`;
  }
}
