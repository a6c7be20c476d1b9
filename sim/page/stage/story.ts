// SPDX-License-Identifier: Apache-2.0

import { computed, effect, signal } from "@preact/signals";
import { EVENTS } from "../../../protocol/events.js";
import { type Reason, reasonOf } from "../../../protocol/reasons.js";
import type { Client } from "../client.js";

/** From the page to the phone that comes by itself, ms. */
const COMES_MS = 600;
/** From the relay to the hand at the door, and from there until the door falls shut, ms. */
const PULL_MS = 700;
const SHUT_MS = 2600;
/** How long the site's word may take to the door, ms; it takes some 200 ms. */
const HEARD_MS = 5000;

/** What one sees who does nothing: a phone comes, the door opens, and one button takes the phone's right away and lets it come again. */
export class Story {
	/** `revoking`: the site has said it, the door has not heard it. */
	readonly part = signal<"none" | "revoking" | "denied">("none");
	/** The last decision of the door. */
	readonly decision = computed(() => {
		const last = this.#client.log.value.filter(({ entry }) => entry.kind === EVENTS.decision).at(-1);
		return last === undefined ? undefined : { reason: reasonOf(last.entry.detail & 255) as Reason };
	});
	readonly canRevoke = computed(
		() =>
			this.part.value === "none" &&
			this.decision.value?.reason === "granted" &&
			this.#client.acts.value.some(({ name }) => name === "revoke"),
	);
	readonly #client: Client;
	#isPlaying = false;

	constructor(client: Client) {
		this.#client = client;
		effect(() => {
			// Another world: nobody is revoked in it yet.
			if (client.acts.value.length > 0) this.part.value = "none";
		});
		const isOn = computed(() => client.state.value?.door.relay === true);
		effect(() => {
			if (isOn.value && this.#isPlaying) this.#open();
		});
	}

	/** A phone comes by itself. */
	play(): void {
		this.#isPlaying = true;
		setTimeout(() => this.#isPlaying && this.#client.act("tap"), COMES_MS);
	}

	/** Someone else acts: what would still come by itself does not. */
	interrupt(): void {
		this.#isPlaying = false;
	}

	revoke(): void {
		this.part.value = "revoking";
		this.#isPlaying = false;
		const client = this.#client;
		const from = client.log.peek().length;
		const hasHeard = computed(() =>
			client.log.value.slice(from).some(({ entry }) => entry.kind === EVENTS.revocation),
		);
		client.act("revoke", { who: "valid" });
		const again = (): void => {
			stop();
			clearTimeout(limit);
			this.part.value = "denied";
			setTimeout(() => client.act("tap"), COMES_MS);
		};
		const limit = setTimeout(again, HEARD_MS);
		const stop = effect(() => {
			if (hasHeard.value) queueMicrotask(again);
		});
	}

	/** The same from the start. */
	again(): void {
		this.part.value = "none";
		this.#client.start("");
		this.play();
	}

	#open(): void {
		const client = this.#client;
		setTimeout(() => this.#isPlaying && client.act("pull"), PULL_MS);
		setTimeout(() => {
			if (this.#isPlaying) client.act("shut");
			this.#isPlaying = false;
		}, PULL_MS + SHUT_MS);
	}
}
