// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { del, get, put } from "../api.js";
import { confirm } from "../parts/dialog.js";
import { Act, Choice, Field, Form } from "../parts/form.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import { TestForm } from "../parts/test-form.js";
import { settingsWords } from "../words/settings.js";

const SECURITY = ["starttls", "tls", "none"] as const;
type Security = (typeof SECURITY)[number];

/** Ports that mail servers have for each. */
const PORTS: Readonly<Record<Security, string>> = { starttls: "587", tls: "465", none: "25" };

interface MailView {
	readonly host: string;
	readonly port: number;
	readonly security: Security;
	readonly user?: string;
	readonly from: string;
	readonly replyTo?: string;
	readonly hasPassword: boolean;
}

const PATH = "/api/settings/mail";

/** The mail server. */
export function MailSection(): JSX.Element {
	const t = settingsWords();
	const mail = useLoaded(PATH, async () => ({ view: await get<MailView | null>(PATH) }));
	const forget = async (): Promise<void> => {
		const question = { title: t.forgetMail, text: t.forgetMailText, act: t.forget, isGrave: true };
		if (!(await confirm(question))) return;
		await del(PATH);
		say(t.forgotten);
		await mail.again();
	};
	return (
		<section aria-labelledby="mail">
			<h2 id="mail">{t.mail}</h2>
			<p>{t.mailText}</p>
			<Loaded of={mail}>
				{({ view }) => (
					<>
						<MailForm key={JSON.stringify(view)} view={view} again={mail.again} />
						{view !== null && (
							<>
								<h3>{t.test}</h3>
								<TestForm path={`${PATH}/test`} type="email" label={t.testMailTo} act={t.sendTestMail} />
								<Act kind="plain" label={t.forget} about={t.mail} onAct={forget} />
							</>
						)}
					</>
				)}
			</Loaded>
		</section>
	);
}

function MailForm({ view, again }: { view: MailView | null; again: () => Promise<void> }): JSX.Element {
	const t = settingsWords();
	const security = useSignal<Security>(view?.security ?? "starttls");
	const line = {
		host: useSignal(view?.host ?? ""),
		port: useSignal(String(view?.port ?? PORTS.starttls)),
		user: useSignal(view?.user ?? ""),
		password: useSignal(""),
		from: useSignal(view?.from ?? ""),
		replyTo: useSignal(view?.replyTo ?? ""),
	};
	const into = (name: keyof typeof line) => ({
		label: t.mailFields[name],
		value: line[name].value,
		onInput: (value: string) => {
			line[name].value = value;
		},
	});
	const save = async (): Promise<void> => {
		const said = (name: keyof typeof line): object =>
			line[name].value === "" ? {} : { [name]: line[name].value.trim() };
		const password = line.password.value === "" ? {} : { password: line.password.value };
		await put(PATH, {
			...{ host: line.host.value.trim(), port: Number(line.port.value), security: security.value },
			...{ ...said("user"), ...password, from: line.from.value.trim(), ...said("replyTo") },
		});
		say(t.saved);
		await again();
	};
	return (
		<Form act={t.save} onSubmit={save} reasons={t.reasons}>
			<Field {...into("host")} required maxLength={253} />
			<Choice
				label={t.security}
				value={security.value}
				options={SECURITY.map((one) => [one, t.securityOf[one]] as const)}
				onChange={(value) => {
					if (Object.values(PORTS).includes(line.port.value)) line.port.value = PORTS[value];
					security.value = value;
				}}
			/>
			<Field {...into("port")} type="number" min={1} max={65_535} required />
			<Field {...into("user")} autocomplete="off" maxLength={254} />
			<Field
				{...into("password")}
				type="password"
				autocomplete="new-password"
				maxLength={500}
				{...(view?.hasPassword && { hint: t.hasPassword })}
			/>
			<Field {...into("from")} type="email" required maxLength={254} />
			<Field {...into("replyTo")} type="email" maxLength={254} />
		</Form>
	);
}
