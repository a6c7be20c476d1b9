// SPDX-License-Identifier: Apache-2.0

import type { DoorConfig } from "../../protocol/config/door.js";
import type { DoorMode } from "./mode.js";
import { NEVER } from "./release.js";

/** Switches passage mode on and off by the double tap of one holder, and off again after its time. */
export class PassageSwitch {
	private readonly config: DoorConfig;
	private readonly mode: DoorMode;
	private readonly lastTapId = new Uint8Array(8);
	/** A second tap until here is a double tap. */
	private tapUntil = -1;
	endsAt = NEVER;

	constructor(config: DoorConfig, mode: DoorMode) {
		this.config = config;
		this.mode = mode;
	}

	/** A tap of a holder who may switch. */
	tap(now: number, id: Uint8Array): void {
		if (now >= this.tapUntil || !sameId(id, this.lastTapId)) {
			this.lastTapId.set(id);
			this.tapUntil = now + this.config.doubleTapTime * 1000;
		} else if (this.mode.passageMode) this.end();
		else {
			this.tapUntil = -1;
			this.mode.passageMode = true;
			this.endsAt = now + this.config.officeTime * 1000;
		}
	}

	end(): void {
		this.mode.passageMode = false;
		this.endsAt = NEVER;
		this.tapUntil = -1;
	}
}

function sameId(a: Uint8Array, b: Uint8Array): boolean {
	for (let i = 0; i < 8; i++) if (a[i] !== b[i]) return false;
	return true;
}
