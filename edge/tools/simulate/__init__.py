"""Bodies that are not there: scripted people who walk, sit and fall before a camera, as a tracker would see them."""
