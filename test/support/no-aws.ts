// Whatever account or endpoint the developer's shell points at: tests point elsewhere, or nowhere.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
