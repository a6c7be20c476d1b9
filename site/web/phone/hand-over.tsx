// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { Picture } from "../parts/picture.js";
import { phoneWords } from "../words/phone.js";
import { Copyable } from "./copy.js";

/** A link for another phone: to be scanned by its camera, copied or sent. */
export function HandOver({
	label,
	link,
	text,
	title,
}: {
	/** What the picture is. */
	label: string;
	link: string;
	text: string;
	title: string;
}): JSX.Element {
	const t = phoneWords();
	return (
		<section class="card" aria-labelledby="hand-over">
			<h2 id="hand-over" tabIndex={-1} ref={(heading) => heading?.focus()}>
				{title}
			</h2>
			<p>{text}</p>
			<Picture text={link} kind="link" label={label} />
			<Copyable text={link} act={t.copyLink} label={t.link} />
			{"share" in navigator && (
				<button
					type="button"
					onClick={() => {
						// The person may think better of it.
						navigator.share({ url: link }).catch(() => undefined);
					}}
				>
					{t.share}
				</button>
			)}
		</section>
	);
}
