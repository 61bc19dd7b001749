/**
 * Messages that are given to the client library one after the other, and what becomes of them.
 *
 * Owns the count of those that are not done, and whether a Topic Alias stands in for the topic
 * already. Invariant: a message with QoS 0 that no connection took is given again when there is one.
 */

import type { Client, OutgoingMessage, PublishResult } from "../../client/client.ts";
import { NotConnectedError } from "../../client/send_error.ts";
import type { PublishReports } from "./publish_reports.ts";

export class Publisher {
  readonly #client: Pick<Client, "publish" | "ready">;
  readonly #reports: PublishReports;
  #count = 0;
  #pending = 0;
  /** The server has seen the Topic Alias with its topic, on this connection. */
  #isAliasKnown = false;
  readonly #failed = Promise.withResolvers<never>();
  #failure: { readonly error: unknown } | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  constructor(client: Pick<Client, "publish" | "ready">, reports: PublishReports) {
    this.#client = client;
    this.#reports = reports;
    this.#failed.promise.catch(() => {});
  }

  /** Rejects as soon as a message can never be sent; never resolves. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Messages so far. */
  get count(): number {
    return this.#count;
  }

  send(message: OutgoingMessage): void {
    this.#pending++;
    const isShort = this.#isAliasKnown && message.properties.topicAlias !== undefined;
    this.#isAliasKnown = true;
    this.#give(message, ++this.#count, isShort);
  }

  /** There is another connection: aliases mean nothing on it. */
  forgetAlias(): void {
    this.#isAliasKnown = false;
  }

  /** Resolves when nothing is pending; rejects when a message can never be sent. */
  settled(): Promise<void> {
    this.#settled ??= Promise.withResolvers();
    const { promise } = this.#settled;
    this.#check();
    return promise;
  }

  #give(message: OutgoingMessage, number: number, isShort: boolean): void {
    this.#client.publish(isShort ? { ...message, topicName: "" } : message).then(
      (result: PublishResult) => {
        this.#reports.add(number, result);
        this.#done();
      },
      (error: unknown) => {
        if (error instanceof NotConnectedError && message.qos === 0) {
          void this.#client.ready().then(() => this.#give(message, number, false));
          return;
        }
        this.#failure ??= { error };
        this.#failed.reject(error);
        this.#done();
      },
    );
  }

  #done(): void {
    this.#pending--;
    this.#check();
  }

  #check(): void {
    const settled = this.#settled;
    if (settled === undefined) return;
    if (this.#failure !== undefined) settled.reject(this.#failure.error);
    else if (this.#pending === 0) settled.resolve();
    else return;
    this.#settled = undefined;
  }
}
