// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../../hal/node/crypto.js";
import type { LogEntry } from "../../../protocol/log/record.js";
import type { Values } from "../../../sim/scene/act.js";
import { Scene } from "../../../sim/scene/scene.js";
import { parseScript } from "../../../sim/scene/script.js";
import { inWords } from "../../../site/lib/log/describe.js";

const crypto = new NodeCrypto();

/** A scene, and what it told and logged. */
export class Played {
	readonly scene: Scene;
	readonly told: string[] = [];

	/** `since`: seconds for which the reader ran before; 50 where nothing is said, by when it has a session. */
	constructor(script = "seed=1", since?: number) {
		this.scene = new Scene({ crypto, script: parseScript(script), ...(since !== undefined && { since }) });
		this.scene.onTold = ({ text }) => this.told.push(text);
	}

	/** Does an act, and lets time pass; what the act said. */
	act(name: string, values: Values = {}, ms = 1500): string {
		const said = this.scene.perform(name, values);
		this.scene.run(ms);
		return said;
	}

	/** The reason of the decision on a tap of this phone. */
	tap(who = "valid"): string {
		const before = this.decisions.length;
		this.act("tap", { who }, 3000);
		return this.decisions[before] ?? "none";
	}

	/** Reasons in the reader's log. */
	get decisions(): string[] {
		return this.scene.world.auditor.decisions().map(({ reason }) => reason);
	}

	/** The reader's log, in words. */
	get log(): string[] {
		return this.scene.world.auditor.entries().map((entry: LogEntry) => inWords(entry));
	}

	/** All that was told, in one text. */
	get words(): string {
		return this.told.join("\n");
	}
}
