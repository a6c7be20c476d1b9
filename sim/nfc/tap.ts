// SPDX-License-Identifier: Apache-2.0

import { type HceExchange, HostCardEmulation } from "../../phone/hce.js";
import type { Holder } from "../../phone/holder.js";
import { NfcLink } from "../../src/links/nfc.js";
import type { NfcSession } from "../../src/schemes/scheme.js";
import { VirtualTime } from "../time.js";

/** Holds a phone to a reader until both are done; what passed between them. */
export function nfcTap(reader: NfcSession, phone: Holder): readonly HceExchange[] {
	const exchanges: HceExchange[] = [];
	const hce = new HostCardEmulation(() => phone.session(), { onExchange: (e) => exchanges.push(e) });
	const time = new VirtualTime();
	const link = new NfcLink({
		clock: time,
		sessions: [reader],
		onEnd: () => undefined,
		card: {
			exchange: (command, _limit, reply, growing) => {
				growing.work();
				const { response } = hce.process(command);
				time.after(1000, () => reply(response, undefined));
			},
		},
	});
	link.start();
	time.run(1000);
	return exchanges;
}
