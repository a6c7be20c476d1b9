// SPDX-License-Identifier: Apache-2.0

/**
 * At the firmware's place on the bus: speaks to it with everything that it should not get, and after each time asks for
 * random, whose answer shows that both ends are still in step.
 */

import { utf8Encode } from "../../protocol/bytes.js";
import { CALL } from "../../sim/engine/wire.js";
import { SeededRandom } from "../../sim/random.js";
import { hostile } from "../hal/hostile.js";

declare const host: {
	call(...args: unknown[]): unknown;
	take(into: unknown): void;
	listen(listener: () => void): void;
	petrify(buffer: ArrayBuffer): void;
};

/** Calls that the world has no handler for. */
const NOBODY = 0x1000;
const TIMES = 5000;

host.listen(() => {
	const random = new SeededRandom(0xb05);
	const any = (): unknown => hostile(random, host.petrify).value;
	const seen = { results: 0, errors: 0 };
	let outOfStep = 0;
	for (let n = 0; n < TIMES; n++) {
		try {
			// Random itself, whose answer goes into whatever was passed; a call that is refused; one that is answered.
			const call = [CALL.random, NOBODY + n, CALL.wallNow][n % 3]!;
			const a = call === CALL.random ? random.below(300) : any();
			const into = random.below(2) === 0 ? any() : new Uint8Array(random.below(300));
			if (n % 7 === 0) host.take(any());
			else host.call(call, a, 0, 0, random.below(3) === 0 ? any() : undefined, into);
			seen.results++;
		} catch (error) {
			if (!(error instanceof Error)) throw error;
			seen.errors++;
		}
		const [length, bytes] = [1 + (n % 100), new Uint8Array(100)];
		if (host.call(CALL.random, length, 0, 0, undefined, bytes) !== length) outOfStep++;
	}
	host.call(CALL.trace, 0, 0, 0, utf8Encode(JSON.stringify({ ...seen, outOfStep })));
});
