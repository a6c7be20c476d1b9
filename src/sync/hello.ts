// SPDX-License-Identifier: Apache-2.0

import { VERSIONS } from "../../protocol/plan/format.js";
import type { Message } from "../../protocol/sync/messages.js";
import { listHash } from "../../protocol/trust/list.js";
import type { LogSender } from "./log-sender.js";
import type { Speaker } from "./speaker.js";
import type { SyncTarget } from "./target.js";

/** Says how far the reader is: first of all in a session, and again whenever list, plan or notices have changed. */
export class Hello implements Speaker {
	private readonly target: SyncTarget;
	private readonly log: LogSender;
	private due = false;
	/** Id of the one that waits for its answer; 0: none does. */
	private said = 0;
	/** Id of the one that has asked for a damaged plan again; 0: none in this session, so that worn flash is not written without end. */
	private asked = 0;

	constructor(target: SyncTarget, log: LogSender) {
		this.target = target;
		this.log = log;
	}

	begin(): void {
		this.due = true;
		this.said = 0;
		this.asked = 0;
	}

	changed(): void {
		this.due = true;
	}

	say(id: number): Message | undefined {
		const { plan } = this.target.reader;
		const asks = this.asked === 0 && id !== this.said && plan?.damaged === true;
		if (!this.due && id !== this.said && !asks) return undefined;
		if (asks) this.asked = id;
		// What has changed since it was said first is said in another: this id is answered as before.
		if (id !== this.said) this.due = false;
		this.said = id;
		const { crypto, image, log, store, wall } = this.target;
		const { newest } = store.lists;
		return {
			name: "hello",
			id,
			trust: newest.version,
			listHash: listHash(newest, crypto),
			epoch: plan?.epoch ?? 0,
			// As one without a plan, whom the site gives the one in force again.
			version: id === this.asked ? 0 : (plan?.version ?? 0),
			notice: plan?.notice ?? 0,
			lockdown: sequenceOf(store.lockdown.newest, newest.epoch),
			log: log.last,
			acknowledged: log.acknowledged,
			link: this.log.acknowledgedLink(),
			image,
			clock: wall.trust() === "unset" ? null : wall.now(),
		};
	}

	answered(answer: Message): boolean {
		if (answer.name !== "ack") return false;
		this.said = 0;
		return true;
	}
}

/** The sequence in an `orderOf`; 0 where that is of another epoch. */
function sequenceOf(order: number, epoch: number): number {
	return Math.floor(order / VERSIONS) === epoch ? order % VERSIONS : 0;
}
