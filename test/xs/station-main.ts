// SPDX-License-Identifier: Apache-2.0

/** At the firmware's place on the bus: joins a network, again after each loss, and says why it was lost. */
import { utf8Encode } from "../../protocol/bytes.js";
import { Bus } from "../../sim/engine/device.js";
import { BusWifi } from "../../sim/engine/wifi.js";
import { CALL } from "../../sim/engine/wire.js";

const bus = new Bus(() => {
	const wifi = new BusWifi(bus);
	const say = (text: string): void => {
		bus.send(CALL.trace, utf8Encode(text));
	};
	const join = (): void => wifi.join("Building", "correct horse", (joined) => say(`joined: ${joined}`));
	wifi.watch((why) => {
		say(why);
		join();
	});
	join();
});
