// Package ext stands in for the extension point of Traefik's dynamic configuration, which holds nothing in the open
// edition and is not published as a module.
package ext

// HTTP has no extensions.
type HTTP struct{}

// Router has no extensions.
type Router struct{}
