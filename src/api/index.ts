export * from './checks.ts';
export * from './errors.ts';
export * from './models.ts';
export * from './monitoring.ts';
export * from './predictions.ts';
export * from './project.ts';
export * from './routes.ts';
export * from './runs.ts';
