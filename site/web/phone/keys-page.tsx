// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Heading } from "../parts/heading.js";
import { Banner, Empty } from "../parts/notice.js";
import { phoneWords } from "../words/phone.js";
import { holding } from "./held.js";
import { KeyCard } from "./key-card.js";
import { warning } from "./obstacles.js";

/** All that this phone holds. */
export function KeysPage(): JSX.Element {
	const t = phoneWords();
	const all = holding.value ?? [];
	return (
		<>
			<Heading title={t.title} />
			{all.length === 0 ? <NoKeys /> : <MayVanish />}
			{all.map((one) => (
				<KeyCard key={one.id} one={one} />
			))}
		</>
	);
}

function NoKeys(): JSX.Element {
	const t = phoneWords();
	return (
		<Empty>
			<h2>{t.noKeys}</h2>
			<p>{t.noKeysText}</p>
			<p>{t.hadKeys}</p>
			<div class="actions">
				<a class="button primary" href="/phone/add">
					{t.add}
				</a>
				<a class="button" href="/phone/help">
					{t.help}
				</a>
			</div>
		</Empty>
	);
}

/** Whether the browser may delete the keys by itself. */
function MayVanish(): JSX.Element | null {
	const t = phoneWords();
	const isKept = useSignal(true);
	useEffect(() => {
		navigator.storage?.persisted?.().then((persisted) => {
			isKept.value = persisted;
		});
	}, []);
	if (warning() === "ios-tab") return <Banner>{t.iosMayVanish}</Banner>;
	return isKept.value ? null : <p class="hint">{t.mayVanish}</p>;
}
